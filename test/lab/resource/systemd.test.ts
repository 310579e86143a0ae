import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import {
  absentSystemdDropIn,
  absentSystemdUnit,
  Conflict,
  execLine,
  service,
  systemdDropIn,
  systemdTimer,
  systemdUnit,
  type UnitSection,
  waitForFile,
} from '../../../lib/resource/index.ts'
import { raw, type Script, sh } from '../../../lib/script/index.ts'
import { cutOff } from '../../property/cut.ts'
import { converge, look } from '../converge.ts'
import { bareInventory } from '../fixtures/inventory.ts'
import { labTarget } from '../lab-host.ts'
import { inLab } from '../playbook.ts'
import { run as runOn } from '../resource-life.ts'

const units = '/etc/systemd/system'
const inventory = bareInventory()
let host: Connection

const run = (script: Script) => runOn(host, script)
const left = sh`systemctl list-units --all -q --plain --no-legend 'unitstest-*'
find ${units} /var/lib/systemd/timers /tmp -name '*unitstest*' -o -name 'systemd-journald.service.d' -o -lname '*unitstest*' -o -path '/tmp/tmp.*/*.service' 2>/dev/null || :
`
const sweep =
  raw(`systemctl stop 'unitstest-*.timer' 'unitstest-*.service'; systemctl unmask unitstest-masked.service
find ${units} -maxdepth 2 '(' -name 'unitstest-*' -o -lname '*/unitstest-*' ')' -exec rm -rf {} +
rm -rf ${units}/systemd-journald.service.d/quayside.conf /srv/unitstest-units /run/unitstest-count /run/unitstest-fired /var/lib/systemd/timers/stamp-unitstest-*
rmdir ${units}/systemd-journald.service.d; systemctl daemon-reload; systemctl reset-failed 'unitstest-*'
:`)

beforeAll(async () => {
  host = await openConnection(labTarget('edge-1'))
  await host.run(sweep)
})

afterAll(async () => {
  await host.run(sweep)
  expect(await run(left)).toBe('')
  await host.close()
  rmSync(inventory, { recursive: true })
})

/** A service that runs as nobody, writes down what greeting it was given, and sleeps. */
const sleeper = (seconds: number, more: UnitSection = {}) =>
  systemdUnit('unitstest-app.service', {
    Service: {
      ExecStart: execLine(
        '/bin/sh',
        '-c',
        `printf %s "$GREETING" >"$RUNTIME_DIRECTORY/said"; exec sleep ${seconds}`,
      ),
      Environment: { GREETING: `it's "100%" $HOME\n\\n` },
      User: 'nobody',
      RuntimeDirectory: 'unitstest-app',
      ...more,
    },
    Install: { WantedBy: 'multi-user.target' },
  })
const pid = sh`systemctl show -p MainPID --value unitstest-app`

describe('a service', () => {
  const wish = sleeper(9998)
  const path = `${units}/unitstest-app.service`

  test('is made, enabled and started in one step, and mended after a drift', async () => {
    expect((await converge(host, wish)).summary).toBe('create (mode 0644), enable, start (inactive)')
    expect(
      await run(
        sh`systemctl is-enabled unitstest-app; systemctl is-active unitstest-app; stat -c %a ${path}`,
      ),
    ).toBe('enabled\nactive\n644\n')
    expect(await run(sh`sleep 0.1; cat /run/unitstest-app/said`)).toBe(`it's "100%" $HOME\n\\n`)

    await run(sh`systemctl -q disable --now unitstest-app`)
    expect((await converge(host, wish)).summary).toBe('enable, start (inactive)')
    await run(sh`systemctl -q disable unitstest-app; systemctl -q --runtime enable unitstest-app`)
    expect((await converge(host, wish)).summary).toBe('enable')
    await run(
      sh`systemctl -q --runtime disable unitstest-app; systemctl -q enable unitstest-app; systemctl -q add-wants basic.target unitstest-app`,
    )
    expect((await converge(host, wish)).summary).toBe('enable anew')
    // Time stamps are what systemd goes by.
    await run(sh`touch ${path}`)
    expect((await converge(host, wish)).summary).toBe('daemon-reload')
    await run(sh`systemctl kill -s KILL unitstest-app; sleep 0.3`)
    expect((await converge(host, wish)).summary).toBe('start (failed)')
  })

  test('is changed without a restart; the manager knows the change', async () => {
    const before = await run(pid)
    const change = await converge(host, sleeper(9999))
    expect(change.summary).toBe('content changed')
    expect(change.diff).toMatch(/^-ExecStart=.*9998"\n\+ExecStart=.*9999"$/m)
    expect(await run(pid)).toBe(before)
    expect(await run(sh`systemctl show -p ExecStart unitstest-app`)).toContain('sleep 9999')
  })

  test('that is broken is refused, and the old one still stands and runs', async () => {
    const before = await run(sh`${pid}; cat ${path}`)
    const broken: [UnitSection, string][] = [
      [{ Restrat: 'always' }, 'Unknown key'],
      [{ PrivateTmp: 'perhaps' }, 'unitstest-app.service:'],
      [{ Type: 'nonsense' }, 'ignoring'],
      [{ ExecStart: [] }, 'no ExecStart='],
    ]
    for (const [more, why] of broken) {
      await expect(look(host, sleeper(1, more)), JSON.stringify(more)).rejects.toThrow(why)
      await expect(look(host, sleeper(1, more))).rejects.toThrow(Conflict)
    }
    const lost = sleeper(1, { ExecStart: '/srv/unitstest-units/lost' })
    expect(await look(host, lost)).toMatchObject({
      summary: 'content changed',
      lacks: expect.stringContaining('Command /srv/unitstest-units/lost is not executable'),
    })
    await expect(converge(host, lost)).rejects.toThrow('systemd would not start it')
    expect(await run(sh`${pid}; cat ${path}`)).toBe(before)
  })

  test('a run that is cut off at any step leaves nothing that the next one does not see', async () => {
    // After the file was made beside the old one, after it took its place, after daemon-reload, after enable.
    const cuts = [
      [5, sh`systemctl -q disable unitstest-app`, 'content changed, enable'],
      [6, sh`systemctl -q disable unitstest-app`, 'daemon-reload, enable'],
      [8, sh`systemctl -q disable unitstest-app`, 'enable'],
      [9, sh`systemctl -q disable --now unitstest-app`, 'start (inactive)'],
    ] as const
    for (const [at, drift, rest] of cuts) {
      const next = sleeper(9000 + at)
      await run(drift)
      const plan = await look(host, next)
      if (plan.kind !== 'change') throw new Error('no change')
      await run(cutOff(plan.apply, '/run/unitstest-count', at, true))
      expect((await converge(host, next)).summary).toBe(rest)
      expect(
        await run(
          sh`systemctl show -p ExecStart,NeedDaemonReload,ActiveState unitstest-app; systemctl is-enabled unitstest-app`,
        ),
      ).toMatch(new RegExp(`sleep ${9000 + at}[^]*ActiveState=active\nNeedDaemonReload=no\nenabled\n`))
    }
  })

  test('goes, and leaves nothing behind', async () => {
    expect((await converge(host, absentSystemdUnit('unitstest-app.service'))).summary).toBe(
      'stop, disable, remove',
    )
    expect(await run(left)).toBe('')
    await converge(host, wish)
    // By hand, and not all of it.
    await run(sh`rm ${path}; systemctl daemon-reload`)
    expect((await converge(host, absentSystemdUnit('unitstest-app.service'))).summary).toBe('stop, disable')
    expect(await run(left)).toBe('')
  })
})

test('a masked unit is a Conflict, of the resource that would make it and of the one that would remove it', async () => {
  const wish = systemdUnit('unitstest-masked.service', { Service: { ExecStart: '/bin/true' } })
  await run(sh`systemctl -q mask unitstest-masked.service`)
  await expect(look(host, wish)).rejects.toThrow('the unit unitstest-masked.service is masked')
  await expect(look(host, absentSystemdUnit('unitstest-masked.service'))).rejects.toThrow('masked')
  await run(sh`systemctl -q unmask unitstest-masked.service`)
})

test('a template, its default instance, and one more', async () => {
  const template = (seconds: number) =>
    systemdUnit('unitstest-w@.service', {
      Service: { ExecStart: `/bin/sleep ${seconds}%i` },
      Install: { WantedBy: 'multi-user.target', DefaultInstance: '1' },
    })
  expect((await converge(host, template(900))).summary).toBe('create (mode 0644), enable')
  expect((await converge(host, service('unitstest-w@2'))).summary).toBe('enable, start (inactive)')
  expect((await look(host, template(900))).kind).toBe('unchanged')
  expect((await converge(host, template(901))).summary).toBe('content changed')
  expect(await run(sh`systemctl show -p ExecStart unitstest-w@2`)).toContain('sleep 9012')
  await run(sh`touch ${units}/unitstest-w@.service`)
  expect((await converge(host, template(901))).summary).toBe('daemon-reload')
  const nice = (unit: string, level: number) => systemdDropIn(unit, 'nice', { Service: { Nice: level } })
  await converge(host, nice('unitstest-w@.service', 3))
  await converge(host, nice('unitstest-w@2.service', 5))
  expect(await run(sh`systemctl show -p Nice --value unitstest-w@1 unitstest-w@2`)).toBe('3\n\n5\n')
  await run(sh`touch ${units}/unitstest-w@.service.d/nice.conf`)
  await converge(host, absentSystemdDropIn('unitstest-w@.service', 'nice'))
  await converge(host, absentSystemdDropIn('unitstest-w@2.service', 'nice'))
  await converge(host, absentSystemdUnit('unitstest-w@.service'))
  expect(await run(left)).toBe('')
})

test('a timer fires, is changed to another time, and goes', async () => {
  const job = systemdUnit('unitstest-job.service', {
    Service: { Type: 'oneshot', ExecStart: execLine('/bin/touch', '/run/unitstest-fired') },
  })
  const soon = systemdTimer('unitstest-job', { OnActiveSec: '1s', AccuracySec: '100ms' })
  expect(await look(host, soon)).toMatchObject({
    lacks: 'the unit unitstest-job.service, which unitstest-job.timer starts, is not there',
  })
  await converge(host, job)
  await converge(host, soon)
  await converge(host, waitForFile('/run/unitstest-fired', { timeoutSeconds: 20 }))
  expect((await look(host, soon)).kind).toBe('unchanged')
  expect((await look(host, job)).kind).toBe('unchanged')

  const when = sh`date -d "$(systemctl show -p NextElapseUSecRealtime --value unitstest-job.timer)" +%H:%M`
  await converge(host, systemdTimer('unitstest-job', { OnCalendar: '*-*-* 02:15 UTC', Persistent: true }))
  expect(await run(sh`TZ=UTC; export TZ; ${when}`)).toBe('02:15\n')
  await converge(host, systemdTimer('unitstest-job', { OnCalendar: '*-*-* 03:15 UTC', Persistent: true }))
  expect(await run(sh`TZ=UTC; export TZ; ${when}`)).toBe('03:15\n')
  await expect(look(host, systemdTimer('unitstest-job', { OnCalendar: ['daily', '25:61'] }))).rejects.toThrow(
    'unitstest-job.timer: OnCalendar=25:61 is no time that systemd knows',
  )
  await converge(host, absentSystemdUnit('unitstest-job.timer'))
  await converge(host, absentSystemdUnit('unitstest-job.service'))
  expect(await run(left)).toBe('')
})

test('a drop-in of a unit that a package brought', async () => {
  const wish = systemdDropIn('systemd-journald.service', 'quayside', { Service: { LimitNOFILE: 65_537 } })
  const limit = sh`systemctl show -p LimitNOFILE --value systemd-journald.service`
  const before = await run(limit)
  const broken = systemdDropIn('systemd-journald.service', 'quayside', { Service: { LimitNOFILE: 'many' } })
  await expect(look(host, broken)).rejects.toThrow('systemd-journald.service.d/quayside.conf:')
  const nothing = systemdDropIn('systemd-journald.service', 'quayside', { Service: { ExecStart: [] } })
  await expect(look(host, nothing)).rejects.toThrow('refuses it')
  expect(await run(left)).toBe('')

  await converge(host, wish)
  expect(await run(limit)).toBe('65537\n')
  await run(sh`touch ${units}/systemd-journald.service.d/quayside.conf`)
  expect((await converge(host, wish)).summary).toBe('daemon-reload')
  await run(sh`echo '[Service]' >${units}/systemd-journald.service.d/quayside.conf; systemctl daemon-reload`)
  expect((await converge(host, wish)).summary).toBe('content changed')
  await run(sh`rm ${units}/systemd-journald.service.d/quayside.conf`)
  expect((await converge(host, absentSystemdDropIn('systemd-journald.service', 'quayside'))).summary).toBe(
    'daemon-reload',
  )
  expect(await run(left)).toBe('')
  await converge(host, wish)
  expect((await converge(host, absentSystemdDropIn('systemd-journald.service', 'quayside'))).summary).toBe(
    'remove',
  )
  expect(await run(limit)).toBe(before)
  expect(await run(left)).toBe('')
  expect(await look(host, systemdDropIn('unitstest-lost.service', 'a', { Unit: {} }))).toMatchObject({
    lacks: 'the unit unitstest-lost.service is not there',
  })
})

test('a playbook: checked, run, run again, changed with a restart, refused, taken away', async () => {
  const play = (...args: string[]) =>
    inLab('test/lab/fixtures/units.ts', ['--inventory', inventory, '--diff', ...args])
  const checked = await play('--check')
  expect(checked.code, checked.output).toBe(0)
  expect(checked.stdout).toMatch(
    /edge-1 +pending +systemd unit unitstest-app\.service: create \(mode 0644\), enable, start/,
  )
  expect(checked.stdout).toContain('+ExecStart=/srv/unitstest-units/app 9998')
  expect(await run(left)).toBe('')

  const first = await play()
  expect(first.code, first.output).toBe(0)
  expect(first.stdout).toMatch(/edge-1 +changed +systemd drop-in unitstest-app\.service\.d\/limits\.conf/)
  expect(first.stdout).not.toContain('mispredicted')
  const again = await play()
  expect(again.stdout).not.toMatch(/edge-1 +changed/)
  expect(again.code, again.output).toBe(0)

  const before = await run(pid)
  const changed = await play('--extra-vars', 'units_seconds=9997')
  expect(changed.code, changed.output).toBe(0)
  expect(changed.stdout).toContain('handler units/restart the app')
  expect(await run(pid)).not.toBe(before)
  expect(await run(sh`grep 'open files' /proc/$(${pid})/limits`)).toMatch(/ 4096 +4096 /)

  for (const check of [['--check'], []]) {
    const refused = await play(
      ...check,
      '--extra-vars',
      'units_calendar=never-ever',
      '--extra-vars',
      'units_seconds=9997',
    )
    expect(refused.code, refused.output).not.toBe(0)
    expect(refused.output).toContain(
      'unitstest-play.timer: OnCalendar=never-ever is no time that systemd knows',
    )
  }
  expect(await run(sh`systemctl show -p TimersCalendar unitstest-play.timer`)).toContain('03:30')

  const gone = await play('--extra-vars', 'units_gone=true')
  expect(gone.code, gone.output).toBe(0)
  expect(await run(left)).toBe('')
})
