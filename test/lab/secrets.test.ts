import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../lib/connection/connection.ts'
import { openConnection } from '../../lib/connection/open.ts'
import { feed, type Script, sh } from '../../lib/script/index.ts'
import { bareInventory } from './fixtures/inventory.ts'
import { labTarget } from './lab-host.ts'
import { inLab, type Outcome } from './playbook.ts'
import { run } from './resource-life.ts'
import { watchedBy, watchProcesses } from './watch-processes.ts'

// The core has no character that any encoding of texts would change: where it is not, no spelling of the secret is.
const core = `Zq${randomBytes(6).toString('hex')}`
const secret = `${core} "it's" & /+%$x ${core}`
const decoy = `decoy-${randomBytes(6).toString('hex')}`
const folder = '/srv/quayside-leaky'
const watch = '/root/quayside-watch'
const names = ['app-1', 'app-2'] as const

const inner = (shift: number) => {
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(core)]).toString('base64')
  return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + core.length) * 8) / 6))
}
const hex = Buffer.from(core).toString('hex')
const forms = [core, inner(0), inner(1), inner(2), hex, hex.toUpperCase()]

const inventory = bareInventory()
const scratch = mkdtempSync(join(tmpdir(), 'quayside-leaky-'))
const hosts: Connection[] = []
const onBoth = (script: Script) => Promise.all(hosts.map((host) => run(host, script)))

const sweep = sh`touch ${watch}/stop; sleep 0.2
rm -rf ${folder} ${watch} /var/lib/quayside/debts/leaky* /var/lib/quayside/jobs`

beforeAll(async () => {
  hosts.push(...(await Promise.all(names.map((name) => openConnection(labTarget(name))))))
  await Promise.all(hosts.map((host) => host.run(sweep)))
  writeFileSync(join(scratch, 'password'), `${secret}\n`, { mode: 0o600 })
  mkdirSync(join(inventory, 'group_vars'))
  writeFileSync(
    join(inventory, 'group_vars/all.yaml'),
    `leaky_password: { from_file: ${join(scratch, 'password')} }\n`,
  )
  await onBoth(sh`mkdir -p -m 0700 ${folder}
base64 -d >${folder}/by-hand${feed(`password = ${secret}\n`)}`)
  await onBoth(watchProcesses(watch, { texts: [...forms, decoy], files: ['cmdline', 'environ'] }))
})

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.run(sweep)))
  await Promise.all(hosts.map((host) => host.close()))
  for (const each of [inventory, scratch]) rmSync(each, { recursive: true })
})

/** Names of what holds the secret in any form. */
const leaking = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).flatMap(([name, text]) =>
    forms.filter((form) => text.includes(form)).map((form) => `${name} shows ${form}`),
  )

test('a secret that programs print reaches no output, no file, no argument and no environment', async () => {
  const here = watchHere()
  const path = (name: string) => join(scratch, name)
  const leaky = (words: readonly string[], options: Parameters<typeof inLab>[2] = {}) =>
    inLab('test/lab/fixtures/leaky.ts', ['--inventory', inventory, ...words], options)

  const runs: Record<string, Outcome> = {}
  // On app-1 the assertion fails, and half a plan is none.
  runs.plan = await leaky(['-vvv', '--diff', '--limit', 'app-2', '--plan-out', path('plan.json')])
  expect(runs.plan.code, runs.plan.output.replaceAll(core, 'LEAK')).toBe(0)
  runs.killed = await leaky(['-vvv', '-x', 'leaky_seconds=6'], {
    signal: { name: 'SIGKILL', after: 'applying command work on its own', delayMs: 3000 },
  })
  expect(runs.killed.code).toBe(137)
  // The change is made, its handler owed, its work under way: what is kept on the hosts now?
  expect(
    await onBoth(
      sh`ls /var/lib/quayside/debts /var/lib/quayside/jobs | grep -c .
LEAKED=${decoy} sleep 20 >/dev/null 2>&1 </dev/null &
n=0; until [ -s ${watch}/hits ] || [ $n -ge 150 ]; do n=$((n + 1)); sleep 0.1; done; kill $!`,
    ),
  ).toEqual(['4\n', '4\n'])
  expect(await onBoth(kept)).toEqual(['', ''])
  const reports = ['--junit', path('run.xml'), '--report', path('run.html'), '--profile']
  runs.told = await leaky(['-vvv', '--diff', ...reports])
  runs.json = await leaky(['-vvv', '--json', '-x', 'leaky_seconds=1'])
  for (const { code, output } of [runs.told, runs.json]) {
    expect(code).toBe(1)
    expect(output).toContain('[secret]')
    expect(output).toContain('it is not the right password')
    expect(output).toContain('the password is [secret]')
  }
  expect(await onBoth(kept)).toEqual(['', ''])

  const files = Object.fromEntries(
    ['plan.json', 'run.xml', 'run.html'].map((name) => [name, readFileSync(path(name), 'utf8')]),
  )
  expect(files['plan.json']).toContain('password = none')
  for (const name of ['run.xml', 'run.html']) expect(files[name]).toContain('[secret]')
  const outputs = Object.fromEntries(Object.entries(runs).map(([name, { output }]) => [name, output]))
  expect(leaking({ ...outputs, ...files })).toEqual([])

  // The watchers saw the decoy, and so would have seen the secret.
  const seen = await onBoth(watchedBy(watch))
  for (const each of seen) {
    const [looks = '', ...hits] = each.trim().split('\n')
    expect(Number(looks)).toBeGreaterThan(30)
    expect(hits).toHaveLength(1)
    expect(hits[0]).toMatch(/^\/proc\/\d+\/environ$/)
  }
  const local = await here()
  expect(local.looks).toBeGreaterThan(30)
  expect(local.hits).toEqual([])
})

/** What holds the secret on a host but for the two files that are meant to. */
const kept = sh`grep -rlaF -f ${watch}/texts /var/lib/quayside /var/tmp /tmp /run /var/log /root /etc /home ${folder} 2>/dev/null |
  grep -vx -e ${folder}/conf -e ${folder}/by-hand -e ${watch}/texts || :
journalctl -q --since -10min -o cat | grep -cF -f ${watch}/texts | grep -vx 0 || :`

/** Looks at the arguments and environments of this machine's processes until it is asked. */
function watchHere(): () => Promise<{ looks: number; hits: readonly string[] }> {
  const hits = new Set<string>()
  let looks = 0
  let watching = true
  const loop = (async () => {
    while (watching && looks < 5000) {
      looks += 1
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        for (const what of ['cmdline', 'environ']) {
          const text = readQuietly(`/proc/${pid}/${what}`)
          if (forms.some((form) => text.includes(form))) hits.add(`${what} of ${pid}`)
        }
      await sleep(40)
    }
  })()
  return async () => {
    watching = false
    await loop
    return { looks, hits: [...hits] }
  }
}

/** A process may have ended, or be another user's. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
