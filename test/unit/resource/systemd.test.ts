import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  absentSystemdDropIn,
  absentSystemdUnit,
  Conflict,
  type Resource,
  systemdDropIn,
  systemdTimer,
  systemdUnit,
} from '../../../lib/resource/index.ts'
import { managedNote } from '../../../lib/resource/template.ts'
import { applied, inWords, table } from './observe.ts'

const Service = { ExecStart: '/usr/bin/app', User: 'nobody' }
const app = systemdUnit('app.service', { Service, Install: { WantedBy: 'multi-user.target' } })
const text = `# ${managedNote}\n[Service]\nExecStart=/usr/bin/app\nUser=nobody\n\n[Install]\nWantedBy=multi-user.target\n`
const link = 'link=multi-user.target.wants/app.service\n'

/** What a probe prints of the manager. */
const shows = (active: string, more: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    LoadState: 'loaded',
    ActiveState: active,
    SubState: active === 'active' ? 'running' : 'dead',
    NeedDaemonReload: 'no',
    FragmentPath: '/etc/systemd/system/app.service',
    ...more,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
const none = shows('inactive', { LoadState: 'not-found', FragmentPath: '' })
const kept = (content: string) =>
  `standing=81a4 root root 0 0\nsha256=${createHash('sha256').update(content).digest('hex')}\n`
/** What systemd-analyze verify said. */
const verified = (code: number, said = '') =>
  `scratch=/tmp/tmp.x1\nverified=${code}\nsaid=${Buffer.from(said).toString('base64')}\n`
const absent = `standing=absent\n${verified(0)}`
const changed = `standing=81a4 root root 0 0\nsha256=0\ncontent=${Buffer.from(text.replace('nobody', 'app')).toString('base64')}\n`

const planOf = (resource: Resource, stdout: string) => resource.plan({ stdout, stderr: '', code: 0 })
const commands = (resource: Resource, stdout: string) =>
  applied(planOf(resource, stdout)).match(/systemctl (?:-q )?(?:-\S+ )*[a-z-]+|mv|rm(?:dir)?(?= )/g)

describe('a unit', () => {
  table([
    {
      when: 'as it should be',
      resource: app,
      stdout: shows('active') + link + kept(text),
      plan: 'unchanged',
    },
    {
      when: 'not there',
      resource: app,
      stdout: none + absent,
      plan: 'change: create (mode 0644), enable, start (inactive)',
      diff: text
        .trimEnd()
        .split('\n')
        .map((line) => `+${line}`)
        .join('\n'),
    },
    {
      when: 'with another text, and running',
      resource: app,
      stdout: shows('active') + link + changed + verified(0),
      plan: 'change: content changed',
      diff: `@@ -1,7 +1,7 @@\n # ${managedNote}\n [Service]\n ExecStart=/usr/bin/app\n-User=app\n+User=nobody\n \n [Install]\n WantedBy=multi-user.target`,
    },
    {
      when: 'which systemd has not read again',
      resource: app,
      stdout: shows('active', { NeedDaemonReload: 'yes' }) + link + kept(text),
      plan: 'change: daemon-reload',
    },
    { when: 'disabled by hand', resource: app, stdout: shows('active') + kept(text), plan: 'change: enable' },
    {
      when: 'stopped by hand',
      resource: app,
      stdout: shows('inactive') + link + kept(text),
      plan: 'change: start (inactive)',
    },
    {
      when: 'enabled by other links than it says',
      resource: app,
      stdout: `${shows('active')}link=graphical.target.wants/app.service\n${kept(text)}`,
      plan: 'change: enable anew',
    },
    {
      when: 'that shall be neither enabled nor run',
      resource: systemdUnit('app.service', text.slice(text.indexOf('\n') + 1), {
        enabled: false,
        running: false,
      }),
      stdout: shows('active') + link + kept(text),
      plan: 'change: disable, stop',
    },
    {
      when: 'no systemd',
      resource: app,
      stderr: 'this host does not run systemd\n',
      code: 3,
      plan: 'unknown: this host does not run systemd',
    },
  ])

  test('is put in place and read by systemd in one step, then enabled, then started', () => {
    expect(commands(app, none + absent)).toEqual([
      'rm',
      'rm',
      'mv',
      'systemctl daemon-reload',
      'systemctl -q enable',
      'systemctl reset-failed',
      'systemctl start',
    ])
  })

  test('without [Install] it is left to what starts it', () => {
    const job = systemdUnit('job.service', { Service: { Type: 'oneshot', ExecStart: '/bin/true' } })
    expect(inWords(planOf(job, none + absent))).toBe('change: create (mode 0644)')
  })

  test('a oneshot with [Install] is enabled, and not held to be running', () => {
    const content = {
      Service: { Type: 'oneshot', ExecStart: '/bin/true' },
      Install: { WantedBy: 'a.target' },
    }
    expect(inWords(planOf(systemdUnit('job.service', content), none + absent))).toBe(
      'change: create (mode 0644), enable',
    )
    expect(() => systemdUnit('job.service', content, { running: true })).toThrow('RemainAfterExit=yes')
  })

  test('other instances of a template are their own affair', () => {
    const template = systemdUnit('w@.service', {
      Service: { ExecStart: '/bin/sleep %i' },
      Install: { WantedBy: 'a.target', DefaultInstance: '1' },
    })
    const links = (...names: string[]) => names.map((name) => `link=a.target.wants/${name}\n`).join('')
    const content = `# ${managedNote}\n[Service]\nExecStart=/bin/sleep %i\n\n[Install]\nWantedBy=a.target\nDefaultInstance=1\n`
    const stands = shows('inactive') + kept(content)
    expect(inWords(planOf(template, stands + links('w@1.service', 'w@2.service')))).toBe('unchanged')
    const enabling = planOf(template, stands + links('w@2.service'))
    expect(inWords(enabling)).toBe('change: enable')
    expect(applied(enabling)).toContain('enable -- w@1.service')
  })

  test('that is masked is a Conflict, whatever else', () => {
    const masked = shows('inactive', { LoadState: 'masked', FragmentPath: '/etc/systemd/system/app.service' })
    const linkToNull = 'standing=a1ff root root 0 0\n'
    for (const resource of [app, absentSystemdUnit('app.service')])
      expect(() => planOf(resource, masked + linkToNull)).toThrow('the unit app.service is masked')
    const runtime = shows('inactive', {
      LoadState: 'masked',
      FragmentPath: '/run/systemd/system/app.service',
    })
    try {
      planOf(app, runtime + absent)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ hint: 'systemctl unmask --runtime app.service' })
    }
  })

  test.each([
    [() => systemdUnit('app', { Service }), 'name of a unit file'],
    [() => systemdUnit('../app.service', { Service }), 'name of a unit file'],
    [
      () => systemdUnit('app.service', { Service }, { enabled: true }),
      'app.service cannot be enabled: its [Install]',
    ],
    [
      () => systemdUnit('w@.service', { Service, Install: { WantedBy: 'a.target' } }, { enabled: true }),
      "enable its instances by service('w@INSTANCE.service')",
    ],
    [() => systemdUnit('w@.service', { Service }, { running: true }), 'of which only instances run'],
    [() => systemdTimer('b', { Persistent: true }), 'b.timer says nowhere when'],
    [() => systemdDropIn('nginx', 'a', { Service }), 'name of a unit file'],
    [() => systemdDropIn('a.service', 'a/b', { Service }), 'name of a drop-in'],
    [
      () => systemdDropIn('a.service', 'a', { Install: { WantedBy: 'b.target' } }),
      'belongs into the unit itself',
    ],
  ])('%s is refused before any host is asked', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('what systemd says of a file before it takes its place', () => {
  const before = none.concat('standing=absent\n')
  const of = (code: number, ...lines: string[]) => planOf(app, before + verified(code, lines.join('\n')))

  test('a remark is no refusal, nor is what it thinks of other units', () => {
    const plan = of(
      0,
      '/tmp/tmp.x1/app.service:4: Special user nobody configured, this is not safe!',
      '/usr/lib/systemd/system/x.service:3: Unknown key, ignoring.',
      'app.service: Cannot add dependency job, ignoring: Unit x.service not found.',
    )
    expect(plan).toMatchObject({ kind: 'change' })
    expect(plan).not.toHaveProperty('lacks')
  })

  test.each([
    [0, "/tmp/tmp.x1/app.service:3: Unknown key name 'Usr' in section 'Service', ignoring.", 'would ignore'],
    [0, '/tmp/tmp.x1/app.service:3: Failed to parse boolean value, ignoring: maybe', 'would ignore'],
    [0, "/tmp/tmp.x1/app.service:1: Unknown section 'Servce'. Ignoring.", 'would ignore'],
    [1, 'app.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.', 'refuses it'],
    [1, 'Unit app.service has a bad unit file setting.', 'refuses it'],
  ])('%d: %s is wrong in itself', (code, line, why) => {
    expect(() => of(code, line)).toThrow(Conflict)
    expect(() => of(code, line)).toThrow(why)
    expect(() => of(code, line)).toThrow(line.replace('/tmp/tmp.x1/', ''))
  })

  test('what the host lacks an earlier change may bring', () => {
    const missing = 'app.service: Command /usr/bin/app is not executable: No such file or directory'
    const remark = '/tmp/tmp.x1/app.service:4: Special user nobody configured, this is not safe!'
    expect(of(1, remark, missing, '/usr/lib/systemd/system/x.service:3: old')).toMatchObject({
      summary: 'create (mode 0644), enable, start (inactive)',
      lacks: `systemd would not start it: ${missing}`,
    })
    expect(planOf(app, before)).toMatchObject({ lacks: 'systemd-analyze could not be asked about it' })
  })

  test('a system call that this machine has not is left out of a filter', () => {
    expect(of(0, '/tmp/tmp.x1/app.service:3: System call x is not known, ignoring.').kind).toBe('change')
  })

  test('a time that is none is named', () => {
    const timer = systemdTimer('b', { OnCalendar: ['daily', '25:61'] })
    expect(String(timer.probe)).toContain('systemd-analyze calendar -- 25:61')
    expect(() => planOf(timer, `${before}calendar=1\n${verified(0)}`)).toThrow(
      'b.timer: OnCalendar=25:61 is no time that systemd knows',
    )
  })
})

describe('a timer', () => {
  const timer = systemdTimer('b', { OnCalendar: 'daily' }, { notify: 'tell' })

  test('is enabled and running, and told by its own name', () => {
    expect([timer.id, timer.notify]).toEqual(['systemd unit b.timer', ['tell']])
    expect(planOf(timer, `${none}${absent}starts=loaded\n`)).toMatchObject({
      summary: 'create (mode 0644), enable, start (inactive)',
      diff: expect.stringContaining('+Description=When to start b.service\n+\n+[Timer]\n+OnCalendar=daily'),
    })
  })

  test('is started anew for new times, and where it waits for none of them', () => {
    const others = `standing=81a4 root root 0 0\nsha256=0\n${verified(0)}starts=loaded\n`
    const wants = 'link=timers.target.wants/b.timer\n'
    expect(inWords(planOf(timer, shows('active') + wants + others))).toMatch(/, restart$/)
    const inPlace = kept(
      `# ${managedNote}\n[Unit]\nDescription=When to start b.service\n\n[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n`,
    )
    const is = (state: string) =>
      inWords(planOf(timer, shows('active', { SubState: state }) + wants + inPlace))
    expect([is('waiting'), is('running'), is('elapsed')]).toEqual([
      'unchanged',
      'unchanged',
      'change: restart',
    ])
  })

  test('lacks the unit that it is to start', () => {
    expect(planOf(timer, `${none}${absent}starts=not-found\n`)).toMatchObject({
      lacks: 'the unit b.service, which b.timer starts, is not there',
    })
  })
})

describe('a drop-in', () => {
  const limits = systemdDropIn('nginx.service', 'limits', { Service: { LimitNOFILE: 65_536 } })
  const content = `# ${managedNote}\n[Service]\nLimitNOFILE=65536\n`
  const nginx = (more = {}) =>
    shows('active', { FragmentPath: '/usr/lib/systemd/system/nginx.service', ...more })
  table([
    { when: 'in place', resource: limits, stdout: nginx() + kept(content), plan: 'unchanged' },
    {
      when: 'not there',
      resource: limits,
      stdout: `${nginx()}lacks=the directory /etc/systemd/system/nginx.service.d is not there\n${absent}`,
      plan: 'change: create (mode 0644)',
      diff: `+# ${managedNote}\n+[Service]\n+LimitNOFILE=65536`,
    },
    {
      when: 'not read by systemd yet',
      resource: limits,
      stdout: nginx({ NeedDaemonReload: 'yes' }) + kept(content),
      plan: 'change: daemon-reload',
    },
    {
      when: 'in place, of a unit that is not there',
      resource: limits,
      stdout: none + kept(content),
      plan: 'unknown: the unit nginx.service is not there',
    },
    {
      when: 'that shall not be',
      resource: absentSystemdDropIn('nginx.service', 'limits'),
      stdout: nginx() + kept(content),
      plan: 'change: remove',
    },
    {
      when: 'gone, and not gone from the manager',
      resource: absentSystemdDropIn('nginx.service', 'limits'),
      stdout: `${nginx({ NeedDaemonReload: 'yes' })}standing=absent\n`,
      plan: 'change: daemon-reload',
    },
  ])

  test('lacks its unit, and is told with its diff nevertheless', () => {
    expect(planOf(limits, none + absent)).toMatchObject({
      summary: 'create (mode 0644)',
      diff: expect.stringContaining('+LimitNOFILE=65536'),
      lacks: 'the unit nginx.service is not there',
    })
  })

  test('is made with its folder, which is not lacking', () => {
    const stdout = `${nginx()}lacks=the directory /etc/systemd/system/nginx.service.d is not there\n${absent}`
    expect(planOf(limits, stdout)).not.toHaveProperty('lacks')
    expect(applied(planOf(limits, stdout))).toContain(
      'mkdir -p -m 0755 -- /etc/systemd/system/nginx.service.d',
    )
  })
})

describe('a unit that shall not be', () => {
  const gone = absentSystemdUnit('app.service')
  const vendor = { FragmentPath: '/usr/lib/systemd/system/app.service' }
  table([
    {
      when: 'enabled and running',
      resource: gone,
      stdout: shows('active') + link + kept(text),
      plan: 'change: stop, disable, remove',
    },
    { when: 'not there', resource: gone, stdout: `${none}standing=absent\n`, plan: 'unchanged' },
    {
      when: 'not there, of a package that is',
      resource: gone,
      stdout: `${shows('active', vendor)}${link}standing=absent\n`,
      plan: 'unchanged',
    },
    {
      when: 'whose file went by hand, and that still runs, enabled by a link to nowhere',
      resource: gone,
      stdout: `${shows('active', { LoadState: 'not-found' })}${link}standing=absent\n`,
      plan: 'change: stop, disable, daemon-reload',
    },
    {
      when: 'that is gone, and failed in the end',
      resource: gone,
      stdout: `${shows('failed', { LoadState: 'not-found', FragmentPath: '' })}standing=absent\n`,
      plan: 'change: forget that it failed',
    },
  ])

  test('is stopped before its file goes, and forgotten', () => {
    expect(commands(gone, shows('active') + link + kept(text))).toEqual([
      'systemctl stop',
      'systemctl -q disable',
      'rm',
      'rm',
      'rmdir',
      'systemctl daemon-reload',
      'systemctl reset-failed',
    ])
  })

  test('a directory in its place is a Conflict', () => {
    expect(() => planOf(gone, `${none}standing=41ed root root 0 0\n`)).toThrow(Conflict)
  })
})
