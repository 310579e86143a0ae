import fc from 'fast-check'
import { service } from '../../../lib/resource/index.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

const unit = 'quayside-property.service'
const path = `/etc/systemd/system/${unit}`
const wants = '/etc/systemd/system/multi-user.target.wants'

/** Takes the unit away, whatever became of it. */
export const sweepUnit = sh`systemctl unmask -q ${unit} 2>/dev/null || :
systemctl unmask -q --runtime ${unit} 2>/dev/null || :
systemctl stop ${unit} 2>/dev/null || :
systemctl disable -q ${unit} 2>/dev/null || :
systemctl disable -q --runtime ${unit} 2>/dev/null || :
systemctl reset-failed ${unit} 2>/dev/null || :
rm -f ${path}
systemctl daemon-reload
`

/** A unit in any state that a person or a crash may have left it in. */
export const serviceCases = fc.record({
  there: fc.boolean().chain((often) => (often ? fc.constant(true) : fc.boolean())),
  enabled: fc.constantFrom('no', 'yes', 'runtime', 'masked'),
  state: fc.constantFrom('stopped', 'running', 'killed', 'looping'),
  /** has no [Install]: it cannot be enabled, and needs not be */
  still: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  /** its file was changed, and systemd not told */
  stale: fc.boolean(),
  wish: fc.record(
    {
      enabled: fc.constantFrom<boolean | 'any'>(true, false, 'any'),
      running: fc.constantFrom<boolean | 'any'>(true, false, 'any'),
    },
    { requiredKeys: [] },
  ),
  short: fc.boolean(),
})

type Case = typeof serviceCases extends fc.Arbitrary<infer T> ? T : never

function arrangement({ there, enabled, state, still, stale }: Case): Script {
  if (!there) return sweepUnit
  const restart = state === 'looping' ? 'Restart=always\nRestartSec=100\n' : ''
  const install = still ? '' : '[Install]\nWantedBy=multi-user.target\n'
  const text = (seconds: number) => `[Service]\nExecStart=/bin/sleep ${seconds}\n${restart}${install}`
  const enable = {
    no: sh`:`,
    yes: still ? sh`:` : sh`systemctl enable -q ${unit}`,
    runtime: still ? sh`:` : sh`systemctl enable -q --runtime ${unit}`,
    // A mask of the file's own name is only possible for a run.
    masked: sh`systemctl mask -q --runtime ${unit}`,
  }
  return sh`${sweepUnit}
printf %s ${text(9998)} >${path}
systemctl daemon-reload
${state === 'stopped' ? sh`:` : sh`systemctl start ${unit}`}
${state === 'killed' || state === 'looping' ? sh`systemctl kill -s KILL ${unit}; n=0; while [ "$(systemctl show -p MainPID --value ${unit})" != 0 ] && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done` : sh`:`}
${enable[enabled]}
${stale ? sh`sleep 0.01; printf %s ${text(9999)} >${path}` : sh`:`}`
}

export async function serviceObeys(site: HostSite, each: Case): Promise<void> {
  await site.arrange(arrangement(each))
  const { enabled = true, running = true } = each.wish
  const of = (facts: Facts, key: string) => facts.get(key) ?? ''
  const runs = (facts: Facts) => of(facts, 'ActiveState') === 'active'
  const starts = (facts: Facts) => facts.has(`${wants}/${unit}: kind`)
  const starting = running === true && each.state !== 'running'
  await obey({
    connection: site.connection,
    resource: service(each.short ? unit.replace('.service', '') : unit, each.wish),
    look: () =>
      together(
        tableFacts(
          site.connection,
          sh`systemctl show -p LoadState,ActiveState,UnitFileState,NeedDaemonReload,MainPID ${unit} | sed 's/=/\\t/'
systemctl show -p ExecMainStartTimestampMonotonic,NeedDaemonReload ssh | sed 's/=/\\t/; s/^/ssh /'`,
        ),
        treeFacts(site.connection, [path, wants, '/run/systemd/system']),
      ),
    wrong: (facts) => {
      if (of(facts, 'NeedDaemonReload') === 'yes') return 'systemd was not told of its file'
      if (enabled === true && !each.still && !starts(facts)) return 'it does not start with the host'
      if (enabled === false && starts(facts)) return 'it starts with the host'
      if (enabled === false && of(facts, 'UnitFileState').startsWith('enabled'))
        return 'it is enabled for now'
      if (running === true && !runs(facts)) return `it is ${of(facts, 'ActiveState')}`
      if (running === false && !/^(?:inactive|failed)$/.test(of(facts, 'ActiveState')))
        return `it is ${of(facts, 'ActiveState')}`
      return undefined
    },
    ending: (before) => {
      if (of(before, 'LoadState') === 'not-found') return 'unknown'
      return of(before, 'LoadState') === 'masked' ? 'conflict' : undefined
    },
    owns: (key) =>
      ['ActiveState', 'UnitFileState', 'NeedDaemonReload', 'LoadState'].includes(key) ||
      // What runs already is not restarted.
      (key === 'MainPID' && (starting || running === false)) ||
      key.startsWith(`${wants}/${unit}: `) ||
      key === `${wants}: modified` ||
      key.startsWith('/run/systemd/system'),
    foretold: ({ summary }, before, after) => {
      const said = (pattern: RegExp, when: boolean) => {
        if (pattern.test(summary) !== when)
          throw new Error(`"${summary}" is not what became of it: ${pattern}`)
      }
      said(/\benable\b/, !starts(before) && starts(after))
      said(/\bdisable\b/, /^enabled/.test(of(before, 'UnitFileState')) && enabled === false)
      said(/\bstart \(/, !runs(before) && runs(after))
      said(/\bstop\b/, running === false && !/^(?:inactive|failed)$/.test(of(before, 'ActiveState')))
      said(/reload its unit file/, of(before, 'NeedDaemonReload') === 'yes')
    },
  })
}
