import fc from 'fast-check'
import {
  cron,
  hostname,
  type JournaldSettings,
  journald,
  sysctl,
  timezone,
} from '../../../lib/resource/index.ts'
import { feed, type Script, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { edit, oddLine } from '../odd.ts'
import { cutOn, cutPoint } from '../site.ts'
import { fact, pathOf } from '../tree.ts'
import { tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

/** Writes a file of the host as it shall stand there before a case; null for none. */
function standing(path: string, content: string | null): Script {
  return content === null
    ? sh`rm -rf -- ${path}`
    : sh`base64 -d >${path}${feed(Buffer.from(content, 'latin1'))}chmod 0644 ${path}`
}

const job = '/etc/cron.d/quayside-property'
const crontab = fc.record({
  schedule: fc.constantFrom('*/5 0-6/2 1,15 jan-mar mon', '@daily', '59 23 31 12 0'),
  command: oddLine
    .filter((line) => line.trim() !== '' && !/[\r\n]/.test(line))
    .map((line) => line.trimStart()),
  user: fc.constantFrom('root', 'nobody'),
  env: fc.dictionary(
    fc.constantFrom('MAILTO', 'A_1'),
    oddLine.filter((value) => !/["\r]/.test(value)),
  ),
})

/** A cron job where there is another one, nearly the same one, or something else. */
export const cronCases = fc.record({
  wish: crontab,
  before: fc.oneof(
    fc.constant(null),
    fc.constant('directory' as const),
    fc.record({ wish: fc.option(crontab), edit }),
  ),
  mode: fc.constantFrom(0o644, 0o600, 0o666),
  cut: cutPoint,
})

/** What Debian's cron itself reads in a file of /etc/cron.d, as it was seen to read backslashes and "%". */
function readCron(text: string): { line: string; command: string; env: string[] } {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const line = lines.at(-1) ?? ''
  const [, schedule = '', user = '', command = ''] = /^(@\w+|(?:\S+ ){4}\S+) (\S+) (.*)$/s.exec(line) ?? []
  let run = ''
  for (let at = 0; at < command.length; at += 1) {
    if (command[at] === '%') break
    if (command[at] === '\\' && (command[at + 1] === '%' || command[at + 1] === '\\')) at += 1
    else if (command[at] === '\\') run += command[at++]
    run += command[at] ?? ''
  }
  return { line: `${schedule} ${user}`, command: run, env: lines.slice(0, -1) }
}

export async function cronObeys(site: HostSite, each: Case<typeof cronCases>): Promise<void> {
  const { wish, before, mode, cut } = each
  const resource = cron('quayside-property', wish)
  // What another wish would have written, told by its plan for a host that has none.
  const textOf = (of: Case<typeof crontab>) => {
    const plan = cron('quayside-property', of).plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    const diff = plan.kind === 'change' ? (plan.diff ?? '') : ''
    return Buffer.from(`${diff.replace(/^\+/gm, '')}\n`).toString('latin1')
  }
  await site.arrange(sh`rm -rf ${job}
${before === 'directory' ? sh`mkdir ${job}` : before === null ? sh`:` : standing(job, before.edit(textOf(before.wish ?? wish)))}
${before === null ? sh`:` : sh`chmod ${mode.toString(8)} ${job}`}`)
  await obey({
    connection: site.connection,
    resource,
    look: () => treeFacts(site.connection, ['/etc/cron.d']),
    wrong: (facts) => {
      if (fact(facts, job, 'mode') !== '0644') return `the mode is ${fact(facts, job, 'mode')}`
      const content = fact(facts, job, 'content') ?? ''
      const is = readCron(Buffer.from(content, 'latin1').toString('utf8'))
      if (is.command !== wish.command) return `cron would run ${JSON.stringify(is.command)}`
      if (is.line !== `${wish.schedule} ${wish.user}`) return `at ${JSON.stringify(is.line)}`
      return content === textOf(wish) ? undefined : `it holds ${JSON.stringify(content)}`
    },
    ending: (facts) => (fact(facts, job, 'kind') === 'directory' ? 'conflict' : undefined),
    owns: (key) => pathOf(key) === job || key === '/etc/cron.d: modified',
    ...cutOn(site, cut),
  })
}

const key = 'net.core.somaxconn'
const conf = `/etc/sysctl.d/60-quayside-${key}.conf`

/** A kernel setting that is live, kept, both or neither, and drop-ins that people have edited. */
export const sysctlCases = fc.record({
  live: fc.constantFrom(1024, 4096, 8192),
  before: fc.option(
    fc.array(fc.constantFrom(`${key} = 4096`, `${key}=1024`, '# a note', '', 'vm.swappiness = 60'), {
      maxLength: 3,
    }),
  ),
  lastLine: fc.boolean(),
  made: fc.boolean(),
  wish: fc.constantFrom<string | number>(1024, 4096, '4096', ' 8192 '),
  cut: cutPoint,
})

export async function sysctlObeys(site: HostSite, each: Case<typeof sysctlCases>): Promise<void> {
  const { live, before, lastLine, made, cut } = each
  const wish = String(each.wish).trim()
  const text = before === null ? null : `${before.join('\n')}${lastLine ? '\n' : ''}`
  if (made) await site.connection.run(applyOf(sysctl(key, wish), 'live=0\n'))
  await site.arrange(sh`${made ? sh`:` : standing(conf, text)}
echo ${live} >/proc/sys/net/core/somaxconn`)
  await obey({
    connection: site.connection,
    resource: sysctl(key, each.wish),
    look: () =>
      together(
        tableFacts(site.connection, sh`printf 'live\\t%s\\n' "$(cat /proc/sys/net/core/somaxconn)"`),
        treeFacts(site.connection, ['/etc/sysctl.d']),
      ),
    wrong: (facts) => {
      if (facts.get('live') !== wish) return `live it is ${facts.get('live')}`
      const lines = (fact(facts, conf, 'content') ?? '')
        .split('\n')
        .map((line) => line.replace(/\s/g, ''))
        .filter((line) => line !== '' && !line.startsWith('#'))
      return lines.join() === `${key}=${wish}` ? undefined : `after a boot it is ${JSON.stringify(lines)}`
    },
    owns: (fact) => fact === 'live' || pathOf(fact) === conf || fact === '/etc/sysctl.d: modified',
    foretold: ({ summary }, before) => {
      if (summary.includes('live value') !== (before.get('live') !== wish)) throw new Error(`"${summary}"`)
    },
    ...cutOn(site, cut),
  })
}

/** The script of the change that a resource plans for what its probe might print. */
function applyOf(resource: ReturnType<typeof sysctl>, stdout: string): Script {
  const plan = resource.plan({ stdout, stderr: '', code: 0 })
  return plan.kind === 'change' ? plan.apply : sh`:`
}

const zones = ['Europe/Berlin', 'Asia/Tokyo', 'Etc/UTC', 'America/Argentina/Ushuaia'] as const

/** A time zone where /etc/localtime is a link of any spelling, a copy, something else or nothing. */
export const timezoneCases = fc.record({
  there: fc.oneof(
    fc.record({
      zone: fc.constantFrom(...zones, 'Nowhere/Land'),
      as: fc.constantFrom('/usr/share/zoneinfo/', '../usr/share/zoneinfo/', 'copy'),
    }),
    fc.constantFrom('absent' as const, 'directory' as const),
  ),
  named: fc.option(fc.constantFrom('Europe/Berlin\n', 'Asia/Tokyo', 'Etc/UTC\n# mine\n', '')),
  wish: fc.constantFrom(...zones, 'Europe/Berlln'),
  cut: cutPoint,
})

export async function timezoneObeys(site: HostSite, each: Case<typeof timezoneCases>): Promise<void> {
  const { there, named, wish, cut } = each
  const link = '/etc/localtime'
  const made =
    there === 'absent'
      ? sh`:`
      : there === 'directory'
        ? sh`mkdir ${link}`
        : there.as === 'copy'
          ? sh`cp -L /usr/share/zoneinfo/${there.zone === 'Nowhere/Land' ? 'Etc/GMT+5' : there.zone} ${link}`
          : sh`ln -s ${there.as + there.zone} ${link}`
  await site.arrange(sh`rm -rf ${link}
${made}
${standing('/etc/timezone', named)}`)
  await obey({
    connection: site.connection,
    resource: timezone(wish),
    look: () => treeFacts(site.connection, [link, '/etc/timezone']),
    wrong: (facts) => {
      const target = fact(facts, link, 'target')
      if (target?.replace(/^\.\./, '') !== `/usr/share/zoneinfo/${wish}`) return `it leads to ${target}`
      const name = fact(facts, '/etc/timezone', 'content')
      return name === undefined || name.split('\n')[0] === wish ? undefined : `it is named ${name}`
    },
    ending: () => (wish === 'Europe/Berlln' ? 'unknown' : there === 'directory' ? 'conflict' : undefined),
    owns: (key) => pathOf(key) === link || (pathOf(key) === '/etc/timezone' && named !== null),
    ...cutOn(site, cut),
  })
}

const drop = '/etc/systemd/journald.conf.d/60-quayside.conf'
const settings: fc.Arbitrary<JournaldSettings> = fc.record(
  {
    SystemMaxUse: fc.constantFrom('64M', '32M'),
    MaxRetentionSec: fc.constantFrom('1month', '90s'),
    ForwardToSyslog: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** Settings of the journal, and a run that died before it restarted journald. */
export const journaldCases = fc.record({
  before: fc.option(fc.record({ wish: fc.option(settings), edit })),
  owed: fc.boolean(),
  wish: settings,
})

export const sweepJournald = sh`[ ! -e ${drop} ] || { rm ${drop}; systemctl restart systemd-journald; }
rm -f /run/quayside/journald
rmdir /etc/systemd/journald.conf.d 2>/dev/null || :
`

export async function journaldObeys(site: HostSite, each: Case<typeof journaldCases>): Promise<void> {
  const { before, owed, wish } = each
  const textOf = (of: JournaldSettings) => {
    const plan = journald(of).plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    const diff = plan.kind === 'change' ? (plan.diff ?? '') : ''
    return `${diff.replace(/^\+/gm, '')}\n`
  }
  const text = before === null ? null : before.edit(textOf(before.wish ?? wish))
  await site.arrange(sh`mkdir -p /etc/systemd/journald.conf.d /run/quayside
${standing(drop, text)}
${owed ? sh`: >/run/quayside/journald` : sh`rm -f /run/quayside/journald`}
systemctl reset-failed systemd-journald`)
  await obey({
    connection: site.connection,
    resource: journald(wish),
    look: () =>
      together(
        treeFacts(site.connection, ['/etc/systemd/journald.conf.d', '/run/quayside/journald']),
        tableFacts(
          site.connection,
          sh`systemctl show -p ActiveState,ExecMainStartTimestampMonotonic systemd-journald | sed 's/=/\\t/'`,
        ),
      ),
    wrong: (facts) => {
      const content = fact(facts, drop, 'content')
      if (content !== textOf(wish)) return `it holds ${JSON.stringify(content)}`
      if (facts.has('/run/quayside/journald: kind')) return 'journald has not read it'
      return facts.get('ActiveState') === 'active' ? undefined : 'journald does not run'
    },
    owns: (key) =>
      [drop, '/run/quayside/journald'].includes(pathOf(key)) ||
      key === '/etc/systemd/journald.conf.d: modified' ||
      key === 'ExecMainStartTimestampMonotonic',
    foretold: (_, before, after) => {
      const at = 'ExecMainStartTimestampMonotonic'
      if (before.get(at) === after.get(at)) throw new Error('journald was not restarted')
    },
  })
  await site.arrange(standing(drop, null))
}

const tableLines = [
  '127.0.0.1\tlocalhost',
  '127.0.1.1 qsp-old other # note',
  '127.0.1.1\tqsp.example.org qsp',
  '10.0.0.9 qsp-new',
  '# 127.0.1.1 qsp-new',
  '',
  '::1 ip6-localhost # gr\xc3\xbcn',
  '127.0.1.1   qsp-new',
] as const
const names = ['qsp-old', 'qsp-new', 'qsp.example.org'] as const

/** A name that is live, kept or in the table, or not, in tables that people have edited. */
export const hostnameCases = fc.record({
  live: fc.constantFrom(...names),
  kept: fc.option(fc.constantFrom('qsp-old\n', '# a note\nqsp-new\n', 'qsp.example.org', 'qsp-new\nmore\n')),
  hosts: fc.subarray([...tableLines]),
  lastLine: fc.boolean(),
  wish: fc.constantFrom(...names),
  cut: cutPoint,
})

export async function hostnameObeys(site: HostSite, each: Case<typeof hostnameCases>): Promise<void> {
  const { live, kept, hosts, lastLine, wish, cut } = each
  const text = `${hosts.join('\n')}${lastLine ? '\n' : ''}`
  await site.arrange(sh`${standing('/etc/hostname', kept)}
base64 -d >/etc/hosts${feed(Buffer.from(text, 'latin1'))}printf %s ${live} >/proc/sys/kernel/hostname`)
  const lines = (facts: Facts) => (fact(facts, '/etc/hosts', 'content') ?? '').split('\n')
  const others = (facts: Facts) => lines(facts).filter((line) => line !== '' && !line.startsWith('127.0.1.1'))
  await obey({
    connection: site.connection,
    resource: hostname(wish),
    look: () =>
      together(
        treeFacts(site.connection, ['/etc/hostname', '/etc/hosts']),
        tableFacts(site.connection, sh`printf 'live\\t%s\\n' "$(uname -n)"`),
      ),
    wrong: (facts) => {
      if (facts.get('live') !== wish) return `it calls itself ${facts.get('live')}`
      const first = (fact(facts, '/etc/hostname', 'content') ?? '')
        .split('\n')
        .find((line) => /^[^#]/.test(line))
      if (first !== wish) return `after a boot it is ${first}`
      const known = lines(facts).some((line) => line.replace(/#.*/, '').split(/\s+/).slice(1).includes(wish))
      return known ? undefined : 'the table does not have it'
    },
    owns: (key) => key === 'live' || ['/etc/hostname', '/etc/hosts'].includes(pathOf(key)),
    foretold: ({ summary }, before, after) => {
      if (others(before).join('\n') !== others(after).join('\n')) throw new Error('other lines were touched')
      const said = (what: string, when: boolean) => {
        if (summary.includes(what) !== when) throw new Error(`"${summary}": ${what} ${when}`)
      }
      said(`live name ${before.get('live')} → ${wish}`, before.get('live') !== wish)
      said('/etc/hosts', lines(before).join('\n') !== lines(after).join('\n'))
    },
    ...cutOn(site, cut),
  })
}
