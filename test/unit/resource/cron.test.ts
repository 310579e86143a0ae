import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { command, cron, sysctl } from '../../../lib/resource/index.ts'
import { managedNote } from '../../../lib/resource/template.ts'
import { sh } from '../../../lib/script/index.ts'
import { converge, look } from '../../lab/converge.ts'
import { onThisMachine, table } from './observe.ts'

const absent = { stdout: 'standing=absent\n', stderr: '', code: 0 }

describe('a cron job', () => {
  test('is one line of a file, its "%" escaped', () => {
    const job = cron('backup', {
      schedule: '15 2 * * *',
      command: 'backup --name db-$(date +%F)',
      user: 'deploy',
      env: { MAILTO: 'ops@example.com' },
    })
    const plan = job.plan(absent)
    expect(job.id).toBe('cron backup')
    expect(plan.kind === 'change' && plan.diff?.split('\n').slice(1)).toEqual([
      '+MAILTO="ops@example.com"',
      '+15 2 * * * deploy backup --name db-$(date +\\%F)',
    ])
  })

  test.each([
    // As Debian's cron 3.0pl1-197 was seen to read them.
    [String.raw`printf 'a\b' 1%`, String.raw`printf 'a\b' 1\%`],
    [String.raw`sed 's/a\\b/\%/'`, String.raw`sed 's/a\\\\b/\\\%/'`],
    [String.raw`x \\%`, String.raw`x \\\\\%`],
    ['x \\', 'x \\'],
  ])('%s is written as %s', (command, written) => {
    const plan = cron('a', { schedule: '@daily', command }).plan(absent)
    expect(plan.kind === 'change' && plan.diff?.split('\n').at(-1)).toBe(`+@daily root ${written}`)
  })

  test.each(['* * * * *', '*/5 0-6/2 1,15 jan-mar mon', '0 0 * * 7', '@daily', '59 23 31 12 0'])(
    '%s is a schedule',
    (schedule) => {
      expect(() => cron('a', { schedule, command: 'true' })).not.toThrow()
    },
  )

  test.each([
    ['60 * * * *', '"60" is no minute'],
    ['* 24 * * *', '"24" is no hour'],
    ['* * 0 * *', '"0" is no day of month'],
    ['* * * 13 *', '"13" is no month'],
    ['* * * * 8', '"8" is no day of week'],
    ['* * * mon *', '"mon" is no month'],
    ['5-1 * * * *', '"5-1" is no minute'],
    ['*/0 * * * *', '"*/0" is no minute'],
    ['5/2 * * * *', '"5/2" is no minute'],
    ['* * * *', 'five fields'],
    ['@often', 'five fields'],
  ])('%s is none', (schedule, message) => {
    expect(() => cron('a', { schedule, command: 'true' })).toThrow(message)
  })

  test('a name with a dot, which cron would leave out, and two lines are refused', () => {
    expect(() => cron('a.sh', { schedule: '@daily', command: 'true' })).toThrow(TypeError)
    expect(() => cron('a', { schedule: '@daily', command: 'true\nfalse' })).toThrow(
      'command must be one line',
    )
  })
})

describe('a kernel setting', () => {
  const range = sysctl('net.ipv4.ip_local_port_range', '1024  65000')
  const path = '/etc/sysctl.d/60-quayside-net.ipv4.ip_local_port_range.conf'
  const line = 'net.ipv4.ip_local_port_range = 1024 65000'
  const text = `# ${managedNote}\n${line}\n`
  const sum = createHash('sha256').update(text).digest('hex')
  const kept = `standing=81a4 root root 0 0\nsha256=${sum}\n`
  const keptOther = (other: string) =>
    `standing=81a4 root root 0 0\nsha256=0\ncontent=${Buffer.from(other).toString('base64')}\n`
  table([
    { when: 'live and kept', resource: range, stdout: `live=1024\t65000\n${kept}`, plan: 'unchanged' },
    {
      when: 'live alone',
      resource: range,
      stdout: 'live=1024\t65000\nstanding=absent\n',
      plan: `change: ${path}: create (mode 0644)`,
      diff: `+# ${managedNote}\n+${line}`,
    },
    {
      when: 'kept alone',
      resource: range,
      stdout: `live=1\t2\n${kept}`,
      plan: 'change: live value 1 2 → 1024 65000',
      diff: `-net.ipv4.ip_local_port_range = 1 2\n+${line}`,
    },
    {
      when: 'kept in the last of more lines',
      resource: range,
      stdout: `live=1024\t65000\n${keptOther(`kernel.panic = 1\n${text}`)}`,
      plan: `change: ${path}: content changed`,
      diff: `@@ -1,3 +1,2 @@\n-kernel.panic = 1\n # ${managedNote}\n ${line}`,
    },
    {
      when: 'neither',
      resource: range,
      stdout: `live=1\t2\n${keptOther(text.replace('1024', '1'))}`,
      plan: `change: live value 1 2 → 1024 65000, ${path}: content changed`,
      diff: `-net.ipv4.ip_local_port_range = 1 2\n+${line}\n ${path}\n@@ -1,2 +1,2 @@\n # ${managedNote}\n-${line.replace('1024', '1')}\n+${line}`,
    },
    {
      when: 'unknown to the kernel',
      resource: range,
      stderr: 'this kernel has no net.ipv4.ip_local_port_range\n',
      code: 3,
      plan: 'unknown: this kernel has no net.ipv4.ip_local_port_range',
    },
  ])

  test.each(['somaxconn', '../etc', 'net/core', 'net..core', 'net. core'])('%s is no key', (key) => {
    expect(() => sysctl(key, 1)).toThrow(TypeError)
  })
})

describe('a command', () => {
  const machine = onThisMachine()

  test('without a guard runs each time, and cannot be checked', async () => {
    const plan = await look(machine.shell, command('greet', { run: sh`echo hello`, changedSummary: 'greet' }))
    expect(plan).toMatchObject({ kind: 'change', summary: 'greet', unverifiable: true })
  })

  test('runs until what it creates is there', async () => {
    const path = `${machine.folder}/made`
    await converge(machine.shell, command('make', { run: sh`echo x >${path}`, creates: path }))
  })

  test('runs unless its guard holds, whatever the guard prints', async () => {
    const path = `${machine.folder}/held`
    const held = command('hold', { run: sh`echo y >${path}`, unless: sh`echo done=yes; grep y ${path}` })
    await converge(machine.shell, held)
  })

  test('fails at the first step that fails', async () => {
    const broken = command('break', {
      run: sh`false
touch ${`${machine.folder}/after`}`,
      creates: `${machine.folder}/after`,
    })
    await expect(converge(machine.shell, broken)).rejects.toThrow('exit code 1')
  })
})
