import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/connection/connection.ts'
import { openConnection } from '../../lib/connection/open.ts'
import { machines } from '../../lib/lab/topology.ts'
import { type FirewallOptions, firewall as firewallResource } from '../../lib/resource/index.ts'
import { raw } from '../../lib/script/index.ts'
import { firewall as firewallRole } from '../../roles/firewall/role.ts'
import { firewallVars } from '../../roles/firewall/schema.ts'
import { fleetOf } from '../unit/engine/fleets.ts'
import { host, varsOf } from '../unit/roles/context.ts'
import { look } from './converge.ts'
import { bareInventory } from './fixtures/inventory.ts'
import { labTarget } from './lab-host.ts'
import { inLab, type PlaybookOptions } from './playbook.ts'
import { run as runOn } from './resource-life.ts'

const inventory = bareInventory()
const address = '10.213.77.22'
const conf = '/etc/quayside/firewall.nft'
const open: Connection[] = []
let [app2, app1, edge1, edge2]: (Connection | undefined)[] = []

/** What a host printed. The connections are opened before any rule is, and must outlive each of them. */
function on(host: Connection | undefined, text: string): Promise<string> {
  if (host === undefined) throw new Error('not before beforeAll')
  return runOn(host, raw(text))
}

const sweep = `systemctl stop quayside-listener 'quayside-firewall-rollback-*'; systemctl disable --now quayside-firewall
rm -rf /run/systemd/system/nftables.service.d ${conf} /etc/systemd/system/quayside-firewall.service /run/quayside/firewall; systemctl daemon-reload
if command -v nft; then nft delete table inet quayside; nft delete table inet other; apt-get purge -qq -y nftables </dev/null; fi
:`

beforeAll(async () => {
  for (const name of ['app-2', 'app-1', 'edge-1', 'edge-2']) open.push(await openConnection(labTarget(name)))
  ;[app2, app1, edge1, edge2] = open
  await on(app2, `{ ${sweep}\n} >/dev/null 2>&1`)
  // An echo server, and a client of it that goes on for as long as it is answered.
  await on(
    app2,
    'systemd-run -q --collect --unit=quayside-listener systemd-socket-activate -a --inetd -l 8099 cat',
  )
  await on(
    app1,
    `rm -f /run/quayside-talk*; for i in 1 2 3 4 5 6 7 8 9 10; do ${reach(8099)} && break; sleep 0.3; done
systemd-run -q --collect --unit=quayside-talker bash -c 'exec 3<>/dev/tcp/${address}/8099
while echo hi >&3 && read -t 3 back <&3; do date +%s >/run/quayside-talk; sleep 0.2; done; touch /run/quayside-talk-ended'`,
  )
})

afterAll(async () => {
  rmSync(inventory, { recursive: true })
  await app2?.run(raw(sweep))
  await app1?.run(raw('systemctl stop quayside-talker; rm -f /run/quayside-talk*'))
  for (const each of open) await each.close()
})

function reach(port: number): string {
  return `timeout 2 bash -c '</dev/tcp/${address}/${port}' 2>/dev/null`
}

function dial(to: string, port: number): string {
  return `import socket; socket.create_connection(('${to}', ${port}), 1.5); print('yes')`
}

const reaches = async (host: Connection | undefined, port: number) =>
  (await on(host, `${reach(port)} && echo yes || echo no`)) === 'yes\n'

/** A play of the role on app-2 with these variables, and what it says of the firewall. */
async function play(given: Readonly<Record<string, unknown>>, check = false, connectTimeoutSeconds = 20) {
  const vars = varsOf(firewallVars, { firewall_rollback_seconds: 60, ...given })
  const known = machines.map((machine) => ({ ...host(machine.name, machine.address), vars }))
  const select = (name: string) => known.filter((each) => each.name === name)
  const { fleet, events, failures } = fleetOf([], {
    inventory: { env: 'lab', dir: '/', hosts: select('app-2'), select },
    connect: ({ name }) => openConnection({ ...labTarget(name), connectTimeoutSeconds }),
    check,
  })
  await fleet.converge([{ hosts: 'app-2', roles: [firewallRole] }])
  await fleet.close()
  const told = events.flatMap((event) =>
    event.type === 'resource' && event.id === 'firewall' ? [event] : [],
  )
  const { outcome, summary = '', diff = '' } = told[0] ?? {}
  return { outcome, summary, diff, failure: failures().join('\n') }
}

async function done(given: Readonly<Record<string, unknown>>) {
  const played = await play(given)
  expect(played.failure).toBe('')
  expect(played.outcome).toBe('changed')
  return played
}

/** The same by the command line. */
const firewall = (
  vars: Readonly<Record<string, unknown>>,
  words: readonly string[] = [],
  options: PlaybookOptions = {},
) =>
  inLab(
    'test/lab/fixtures/firewall.ts',
    ['-vv', '--inventory', inventory, '--extra-vars', JSON.stringify(vars), ...words],
    options,
  )

const ssh = { tcp: [22], comment: 'ssh' }
const rules = { firewall_allow: [ssh, { tcp: [8099], hosts: 'app-1' }] }
/** As it should be, and what stands beside it. */
const loaded = `nft -s list table inet quayside; cat ${conf}; ls -A /run/quayside/firewall 2>/dev/null; :`
const beside = `nft list table inet other; iptables-save | sed -e '/^#/d' -e 's/\\[.*//'`
/** Debian's own unit, with a file and a stop that spare Docker's tables. What follows it does so in jobs of its own. */
const debians = `there() { nft list table inet quayside >/dev/null 2>&1; }
back() { for i in $(seq 50); do there && return; sleep 0.1; done; return 1; }
mkdir -p /run/systemd/system/nftables.service.d
printf '[Service]\\nExecStop=\\n' >/run/systemd/system/nftables.service.d/quayside-test.conf
echo 'destroy table inet quayside' >/etc/nftables.conf
systemctl daemon-reload
systemctl start nftables; there && exit 1
systemctl restart nftables; back || exit 2
nft delete table inet quayside; systemctl reload nftables; back || exit 3
systemctl stop nftables; systemctl start quayside-firewall`
const timers = `systemctl list-units --all --no-legend 'quayside-firewall-rollback-*'; ls -A /run/quayside/firewall 2>/dev/null; :`
const published = `docker ps --format '{{.Ports}}' | sed -n 's/.*${address}:\\([0-9]*\\)->.*/\\1/p' | head -n 1`

describe('a firewall', () => {
  let others = ''

  test('goes up on a host that has none: what it does not allow is closed, what is under way goes on', async () => {
    expect(await reaches(app1, 8099)).toBe(true)
    expect(await play(rules, true)).toMatchObject({
      outcome: 'unknown',
      summary: expect.stringContaining('nft is not there'),
    })
    expect(await on(app2, `[ -e ${conf} ] || echo none`)).toBe('none\n')

    expect((await done({ firewall_allow: [ssh] })).summary).toMatch(/^load table inet quayside/)
    await on(
      app2,
      'nft -f - <<EOF\ntable inet other {\n\tchain c {\n\t\ttcp dport 1 counter accept\n\t}\n}\nEOF',
    )
    others = await on(app2, beside)
    expect(await reaches(app1, 8099)).toBe(false)
    expect(await reaches(app1, 22)).toBe(true)
    expect(await on(app1, 'sleep 1; echo $(($(date +%s) - $(cat /run/quayside-talk))); ls /run')).toMatch(
      /^[0-3]\n(?![\s\S]*talk-ended)/,
    )
  })

  test('lets in those that it names, and is unchanged when looked at again', async () => {
    const { diff } = await done(rules)
    expect(diff).toContain('+\t\tip saddr 10.213.77.21 tcp dport 8099 accept')
    expect(diff).not.toContain('-\t\t')
    expect(await reaches(app1, 8099)).toBe(true)
    expect(await reaches(edge1, 8099)).toBe(false)
    expect(
      await on(app2, 'systemctl is-enabled quayside-firewall; systemctl is-active quayside-firewall'),
    ).toBe('enabled\nactive\n')
    expect(await play(rules)).toMatchObject({ outcome: 'unchanged' })
  })

  test('is put right where someone has been at it by hand', async () => {
    const before = await on(app2, loaded)
    await on(app2, 'nft insert rule inet quayside input tcp dport 8099 accept')
    expect(await reaches(edge1, 8099)).toBe(true)
    expect(await play(rules, true)).toMatchObject({
      outcome: 'pending',
      summary: 'load anew: the loaded rules are others than those on disk',
      diff: expect.stringContaining('\n-\t\ttcp dport 8099 accept\n'),
    })
    expect(await reaches(edge1, 8099)).toBe(true)
    await done(rules)
    expect(await reaches(edge1, 8099)).toBe(false)

    await on(app2, `systemctl -q disable --now quayside-firewall; echo '# mine' >>${conf}`)
    expect(await on(app2, 'nft list tables')).not.toContain('quayside')
    await done(rules)
    expect(await on(app2, loaded)).toBe(before)
    // As after a boot: the unit alone brings it.
    await on(app2, 'nft delete table inet quayside; systemctl restart quayside-firewall')
    expect(await on(app2, loaded)).toBe(before)
    await on(app2, debians)
    expect(await on(app2, loaded)).toBe(before)
  })

  test('leaves to Docker what is Docker’s, and filters what containers publish only where it is told', async () => {
    const port = Number(await on(app2, published))
    expect(port).toBeGreaterThan(0)
    expect(await reaches(edge1, port)).toBe(true)
    await done({ ...rules, firewall_published: [{ tcp: [port], hosts: 'edge-2' }] })
    expect(await reaches(edge1, port)).toBe(false)
    expect(await reaches(edge2, port)).toBe(true)
    expect(await reaches(app2, port)).toBe(true)
    // A container gets out, and is nobody special to what its own host listens on, published or not.
    const contained = (to: string, at: number) =>
      on(
        app2,
        `docker exec "$(docker ps -q --filter name=api- | head -n 1)" python3 -c "${dial(to, at)}" 2>/dev/null || echo no`,
      )
    expect(await contained('10.213.77.31', 5432)).toBe('yes\n')
    expect(await contained(address, 8099)).toBe('no\n')
    expect(await contained(address, port)).toBe('no\n')
    const containers = { tcp: [8099, port], from: ['172.16.0.0/12'] }
    await done({ firewall_allow: [...rules.firewall_allow, containers], firewall_published: [] })
    expect(await contained(address, 8099)).toBe('yes\n')
    expect(await contained(address, port)).toBe('yes\n')
    expect(await reaches(edge2, port)).toBe(false)
    await done(rules)
    expect(await reaches(edge1, port)).toBe(true)
    expect(await on(app2, beside)).toBe(others)
  })
})

describe('nobody is locked out', () => {
  const cut = { firewall_allow: [{ tcp: [8099] }], firewall_lock_out: 'allow' }

  test('rules without the way that the run comes by are refused, in check mode too, with the rule to add', async () => {
    const before = await on(app2, loaded)
    for (const words of [['--check'], []]) {
      const { code, output } = await firewall({ firewall_allow: [{ tcp: [8099] }] }, words)
      expect(code, output).toBe(1)
      expect(output).toMatch(
        /no rule allows 10\.213\.77\.\d+, from where this run reaches port 22 of the host/,
      )
      expect(output).toMatch(/add to allow: \{ tcp: \[22\], from: \['10\.213\.77\.\d+'\] \}/)
    }
    expect(await on(app2, loaded)).toBe(before)
  })

  test('rules that cut off new connections, forced through, are taken back', async () => {
    const before = await on(app2, loaded)
    expect((await play(cut, false, 5)).failure).toMatch(
      /^app-2: firewall: rules changed.*: no new connection could be had after it: .*; the change was taken back$/,
    )
    expect(await on(app2, loaded)).toBe(before)
    expect(await reaches(app1, 22)).toBe(true)
    expect(await play(rules)).toMatchObject({ outcome: 'unchanged' })
  })

  test('by the host itself, where the run dies before it can tell; the next run does it all again', async () => {
    const before = await on(app2, loaded)
    const killed = await firewall({ ...cut, firewall_rollback_seconds: 10 }, [], {
      signal: { name: 'SIGKILL', after: 'applying firewall', delayMs: 4000 },
    })
    expect(killed.code, killed.output).toBe(137)
    expect(await reaches(app1, 22)).toBe(false)
    // Nothing on disk was touched: a reboot now would bring the old rules back, too.
    expect(await on(app2, `cat ${conf}`)).toBe(before.slice(before.indexOf('#!')))
    const since = performance.now()
    while (!(await reaches(app1, 22))) expect(performance.now() - since).toBeLessThan(15_000)
    expect(await on(app2, `nft -s list table inet quayside; cat ${conf}`)).toBe(before)
    expect((await done({ firewall_allow: [ssh] })).summary).toMatch(/^rules changed/)
    expect(await on(app2, timers)).toBe('')
  })
})

describe('rules that a run has left unconfirmed', () => {
  const [one, two] = [1, 2].map((port) => ({ allow: [{ tcp: [22, port] }], rollbackSeconds: 5 }))

  /** What a run does that is killed before it can confirm. */
  async function leave(options: FirewallOptions | undefined): Promise<void> {
    const shell = app2 ?? (await openConnection(labTarget('app-2')))
    const plan = await look(shell, firewallResource(options ?? {}))
    if (plan.kind !== 'change') throw new Error('no change')
    await runOn(shell, plan.apply)
  }

  test('are gone back from to the last that were confirmed', async () => {
    const before = await on(app2, loaded)
    await leave(one)
    expect(await on(app2, loaded)).toMatch(/tcp dport \{ 1, 22 \} accept[\s\S]*\npending\n/)
    await leave(two)
    await on(app2, 'for i in $(seq 40); do [ -e /run/quayside/firewall/pending ] || break; sleep 0.25; done')
    expect(await on(app2, `nft -s list table inet quayside; cat ${conf}`)).toBe(before)
  })

  test('are confirmed by the next run that wants them', async () => {
    await leave(one)
    const { summary } = await done({ firewall_allow: [{ tcp: [22, 1] }] })
    expect(summary).toMatch(/^write \/etc.*, confirm what an earlier run left unconfirmed$/)
    expect(await on(app2, timers)).toBe('')
  })
})

test('taken away, it leaves nothing behind', async () => {
  const others = await on(app2, beside)
  expect((await done({ firewall_absent: true })).summary).toMatch(/^remove .*table inet quayside$/)
  expect(
    await on(app2, `nft list tables; ls -A /etc/quayside /run/quayside /etc/systemd/system 2>/dev/null; :`),
  ).not.toMatch(/firewall|inet quayside$/m)
  expect(await on(app2, beside)).toBe(others)
  expect(await reaches(edge1, 8099)).toBe(true)
  expect(await play({ firewall_absent: true })).toMatchObject({ outcome: 'unchanged' })
})
