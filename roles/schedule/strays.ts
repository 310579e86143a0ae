import { type Resource, resource, unchanged } from '../../lib/resource/resource.ts'
import { type Script, sh } from '../../lib/script/index.ts'
import { folders, program } from './paths.ts'

/** What stays of an environment's schedule on its host. */
export interface Kept {
  /** names of jobs: their logs, last results and metrics */
  readonly jobs: readonly string[]
  /** paths of units, lines of cron, and the rest */
  readonly paths: readonly string[]
  readonly metricsDir: string
}

const units = '/etc/systemd/system'
const cron = '/etc/cron.d'

/**
 * Nothing of an environment's schedule but what is kept: a job that left the inventory, timers once cron has taken
 * over. A job that is at work is not taken away under itself: then this fails, and says which one.
 */
export function noStrays(env: string, kept: Kept): Resource {
  return resource({
    id: `schedule of ${env}: nothing else`,
    probe: sh`${found(env, kept.metricsDir)}:
`,
    read: ({ stdout }) => stdout.split('\n').filter((path) => path !== '' && !stays(path, env, kept)),
    plan: (paths) =>
      paths.length === 0
        ? unchanged
        : {
            kind: 'change',
            summary: `remove ${paths.length === 1 ? paths[0] : `${paths.length} files`}`,
            diff: paths.map((path) => `-${path}`).join('\n'),
            apply: removal(env, paths, kept),
          },
  })
}

function found(env: string, metrics: string): Script {
  const looks = [
    [units, `quayside-${env}-*.timer`],
    [units, `quayside-${env}-*.service`],
    [cron, `quayside-${env}-*`],
    [folders.config, `${env}-*.conf`],
    [folders.config, `${env}.env`],
    [folders.state, `${env}-*`],
    [folders.logs, `${env}-*.log*`],
    ['/etc/logrotate.d', `quayside-schedule-${env}`],
    ...(metrics === ''
      ? []
      : [
          [metrics, `quayside_job_${env}-*.prom`],
          [metrics, `quayside_backup_${env}.prom`],
          [metrics, `quayside_drill_${env}.prom`],
        ]),
  ]
  return looks.reduce(
    (all, [folder = '', name = '']) => sh`${all}[ ! -d ${folder} ] || find ${folder} -maxdepth 1 -name ${name}
`,
    sh``,
  )
}

/** The job that a file is about; undefined for what is another environment's, which begins with this one's name. */
export function jobOf(path: string, env: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const [, job] =
    /^(?:quayside-|quayside_job_)?(.*?)(?:-missed|\.timer|\.service|\.conf|\.last|\.lock|\.prom|\.log(?:[.-].*)?)?$/.exec(
      name,
    ) ?? []
  if (job === undefined || !job.startsWith(`${env}-`)) return undefined
  const rest = job.slice(env.length + 1)
  return rest.includes('-') ? undefined : rest
}

function stays(path: string, env: string, kept: Kept): boolean {
  if (kept.paths.includes(path)) return true
  const base = path.slice(path.lastIndexOf('/') + 1)
  const shared =
    path.startsWith(`${kept.metricsDir}/quayside_backup_`) ||
    path.startsWith(`${kept.metricsDir}/quayside_drill_`)
  // What tells of the environment's backups goes with its last job.
  if (shared) return kept.jobs.length > 0
  if (base === `${env}.env` || base === `quayside-schedule-${env}`) return false
  const job = jobOf(path, env)
  if (job === undefined) return true
  const told = [folders.state, folders.logs, kept.metricsDir].some((folder) => path.startsWith(`${folder}/`))
  return told && kept.jobs.includes(job)
}

function removal(env: string, paths: readonly string[], kept: Kept): Script {
  const timers = paths.filter((path) => path.endsWith('.timer')).map((path) => path.slice(units.length + 1))
  const services = paths
    .filter((path) => path.endsWith('.service'))
    .map((path) => path.slice(units.length + 1))
  const gone = [...new Set(paths.map((path) => jobOf(path, env)))].filter(
    (job): job is string => job !== undefined && !kept.jobs.includes(job),
  )
  const busy = gone.reduce(
    (all, job) => sh`${all}lock=${`${folders.state}/${env}-${job}.lock`}
[ ! -e "$lock" ] || flock -n "$lock" true || { echo ${`the job ${job} is at work: once it has ended, try again`} >&2; exit 1; }
`,
    sh``,
  )
  const stop =
    timers.length === 0
      ? sh``
      : sh`systemctl -q disable --now -- ${timers}
rm -f -- ${timers.map((timer) => `/var/lib/systemd/timers/stamp-${timer}`)}
`
  const forget =
    timers.length + services.length === 0
      ? sh``
      : sh`systemctl daemon-reload
systemctl reset-failed -- ${[...timers, ...services]} 2>/dev/null || :
`
  return sh`set -e
${busy}${stop}rm -f -- ${paths}
${forget}${kept.jobs.length > 0 ? sh`` : tidy(kept.metricsDir)}`
}

/** Folders go where nothing is in them, and the program with the last environment's jobs. */
function tidy(metrics: string): Script {
  const all = [folders.config, folders.state, folders.logs, ...(metrics === '' ? [] : [metrics])]
  return sh`for folder in ${all}; do
  rmdir -- "$folder" 2>/dev/null || :
done
if [ ! -d ${folders.config} ]; then
  rm -f -- ${program}
  rmdir -- ${program.slice(0, program.lastIndexOf('/'))} 2>/dev/null || :
fi
`
}
