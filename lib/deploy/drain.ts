import { setTimeout as sleep } from 'node:timers/promises'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { lines, type Script, sh } from '../script/index.ts'
import type { App } from './app.ts'
import type { Colour } from './colour.ts'
import { containerNames } from './container.ts'

/**
 * Lets what is under way on the old colour end, for at most `seconds`; then cuts what is left (WebSockets, mostly)
 * by restarting the containers that still hold connections. The old colour stays up, warm for a rollback.
 */
export async function drain(
  fleet: Fleet,
  hosts: readonly Host[],
  apps: readonly App[],
  colour: Colour,
  seconds: number,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now()
  const deadline = started + seconds * 1000
  let open = await count(fleet, hosts, apps, colour)
  const first = total(open)
  while (total(open) > 0 && performance.now() < deadline && !signal.aborted) {
    await sleep(Math.min(1000, Math.max(1, deadline - performance.now())))
    open = await count(fleet, hosts, apps, colour)
  }
  const left = total(open)
  const busy = hosts.filter((host) => [...(open.get(host.name)?.values() ?? [])].some((n) => n > 0))
  if (left > 0)
    await fleet.run(
      busy,
      `restart the ${colour} containers that still hold connections`,
      (host) =>
        restart(
          [...(open.get(host.name) ?? [])].flatMap(([name, n]) => (n > 0 ? [name] : [])),
          stopSeconds(apps),
        ),
      { timeoutSeconds: stopSeconds(apps) * 20 },
    )
  const finished = `${first - left} of ${first} connections ended by themselves`
  const cut = left === 0 ? '' : `, ${left} cut after ${seconds}s`
  emit({
    type: 'step',
    text: `drained ${colour}: ${finished}${cut}; it stays warm for a rollback`,
    ms: performance.now() - started,
  })
}

type Open = ReadonlyMap<string, ReadonlyMap<string, number>>

async function count(
  fleet: Fleet,
  hosts: readonly Host[],
  apps: readonly App[],
  colour: Colour,
): Promise<Open> {
  const results = await fleet.run(hosts, `count the connections of ${colour}`, () =>
    lines(...apps.flatMap((app) => containerNames(app, colour).map((name) => connections(name, app.port)))),
  )
  return new Map([...results].map(([host, { stdout }]) => [host, readCounts(stdout)]))
}

/** Established connections to the app's port, from the container's own /proc: no tool is needed in it or beside it. */
function connections(name: string, port: number): Script {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return sh`
pid=$(docker inspect -f '{{.State.Pid}}' ${name} 2>/dev/null) && [ "$pid" -gt 0 ] && printf '%s %s\n' ${name} "$(cat /proc/$pid/net/tcp /proc/$pid/net/tcp6 2>/dev/null | awk -v port=${hex} '$4 == "01" { split($2, l, ":"); split($3, r, ":"); if (l[2] == port && r[1] !~ /^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F)$/) n++ } END { print n + 0 }')"
:`
}

function readCounts(stdout: string): ReadonlyMap<string, number> {
  const pairs = stdout.split('\n').map((line) => line.split(' '))
  return new Map(pairs.flatMap(([name, n]) => (name && n !== undefined ? [[name, Number(n)]] : [])))
}

function restart(names: readonly string[], seconds: number): Script {
  return sh`docker restart -t ${seconds} ${names} >/dev/null`
}

function stopSeconds(apps: readonly App[]): number {
  return Math.max(...apps.map((app) => app.stop_seconds))
}

function total(open: Open): number {
  return [...open.values()].flatMap((each) => [...each.values()]).reduce((sum, n) => sum + n, 0)
}
