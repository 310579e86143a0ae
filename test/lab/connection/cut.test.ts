import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../../../lib/lab/docker.ts'
import { containerOf } from '../../../lib/lab/topology.ts'
import { labTarget } from '../lab-host.ts'
import { marks, reach, saidOf } from './reached.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-lab-cut-'))
const names = ['edge-1', 'edge-2', 'app-1', 'app-2', 'db-1']

/** By the machine's own engine: this must work on a host that no packet reaches. */
const inside = (name: string, text: string) => docker(['exec', containerOf(name), 'sh', '-c', text])

const rule = 'INPUT -p tcp --dport 22 -m comment --comment quayside-test -j DROP'
const tidy = `while iptables -D ${rule} 2>/dev/null; do :; done
pkill -f 'sleep 4[34].25' || :
rm -rf ${marks}`
const sweep = () => Promise.all(names.map((name) => inside(name, tidy)))

/** The test's own safety: whatever becomes of it, the host answers again after so many seconds. */
const blackhole = (seconds: number) =>
  `systemd-run --quiet --collect --on-active=${seconds} --timer-property=AccuracySec=100ms iptables -D ${rule}
iptables -I ${rule}`

const killSshd = `p=$$
until grep -q '^sshd' /proc/$p/comm; do p=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$p/status); done
kill -KILL "$p"`

beforeAll(async () => {
  await sweep()
  // Three seconds of silence instead of the usual forty.
  writeFileSync(join(folder, 'config'), 'Host *\n  ServerAliveInterval 1\n  ServerAliveCountMax 2\n')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await sweep()
})

test('cut off in the middle of a change: found out in time, reported or gone on with, and the others go on', async () => {
  const at = (name: string, values: object = {}) => ({ port: labTarget(name).port, ...values })
  const outcome = await reach(
    { host: '127.0.0.1', ssh_config: join(folder, 'config'), connect_timeout: 5 },
    {
      well: at('db-1', { reached_script: 'sleep 1' }),
      // The sshd of this login is killed; the script goes on for a while, and did what it should.
      killed: at('edge-2', { reached_script: `${killSshd}\nsleep 4` }),
      // The same, but what it left does not end in its time.
      stuck: at('edge-1', { reached_script: `${killSshd}\nsleep 43.25`, reached_seconds: 4 }),
      // No packet comes through for a while, and then they do again.
      dark: at('app-2', { reached_script: `${blackhole(5)}\nsleep 8` }),
      // No packet comes through any more.
      gone: at('app-1', { reached_script: `${blackhole(60)}\nsleep 44.25` }),
    },
    ['-vv'],
  )
  const { output } = outcome
  // A host that failed outweighs one that is unreachable.
  expect(outcome.code, output).toBe(1)
  expect(output).toMatch(/well +changed +command script/)

  expect(output).toMatch(/killed +changed +command script/)
  expect(output).toMatch(
    /killed +the connection was lost in the middle of "command script" \(below pid \d+\), which may run on there/,
  )
  expect(output).toMatch(/killed +waiting for .* \(below pid \d+\), for \d+ s at most/)
  expect(output).toMatch(/killed +.* has ended by itself/)
  expect(output).toMatch(/killed +connected again: /)

  expect(output).toMatch(/stuck +its time was over: .* was told to end/)
  expect(saidOf(outcome, 'stuck')).toContain('looked at again it is not done')
  expect(await inside('edge-1', `pgrep -cf 'sleep 43[.]25' || :; ls ${marks}/stuck`)).toBe('0')

  expect(output).toMatch(/dark +connected again: .*no sign of life from it for 3 s/)
  expect(output).toMatch(/dark +changed +command script/)

  // Keepalive needs three seconds, and an attempt to connect again five; the machine may be busy.
  const told = saidOf(outcome, 'gone')
  expect(told).toMatch(/no answer from 127\.0\.0\.1 port \d+ in 5 s|no sign of life from it for 3 s/)
  const when = (line: RegExp) => outcome.said(line.exec(output)?.[0] ?? 'nobody said it') ?? Number.NaN
  const began = when(/gone +applying command script/)
  const lost = when(/gone +the connection was lost/)
  expect(lost - began).toBeGreaterThan(2_000)
  expect(lost - began).toBeLessThan(6_000)
  expect(when(/gone +unreachable/) - lost).toBeLessThan(8_000)
  // What is said to run on there does.
  const pid = /gone +the connection was lost in the middle of .* \(below pid (\d+)\)/.exec(output)?.[1]
  expect(pid, output).toBeDefined()
  const climb = `p=$(pgrep -f '^sleep 44[.]25'); while [ $p -gt 1 ]; do echo $p; p=$(ps -o ppid= -p $p); done`
  expect((await inside('app-1', climb)).split('\n')).toContain(pid)
})
