import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Role, role } from '../../lib/engine/role.ts'
import {
  assertThat,
  command,
  cron,
  directory,
  execLine,
  file,
  packages,
  type Resource,
  service,
  systemdTimer,
  systemdUnit,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { environmentFile } from './environment-file.ts'
import { configOf, type Job, jobsOf } from './job.ts'
import { folders, missedOf, paths, program, unitOf } from './paths.ts'
import { type ScheduleVars, scheduleVars } from './schema.ts'
import { noStrays } from './strays.ts'
import { cronSchedule, delaySeconds, inWords, onCalendar } from './when.ts'

const about = 'Backups, copies, drills and prunes by the clock, on one host: playbooks/schedule.ts plays it'

/** What an inventory may say of schedules. Whose they are is known when schedule.ts runs: see scheduleOf. */
export const schedule = role({ name: 'schedule', about, vars: scheduleVars, resources: () => [] })

/** An environment's jobs on the host that it names, and nothing else of that environment's schedule; `inventory` is jobsOf's. */
export function scheduleOf(env: string, inventory?: string): Role {
  return role({
    name: 'schedule',
    about,
    vars: scheduleVars,
    resources: ({ vars, host }) => (vars.schedule_host === host.name ? scheduled(env, vars, inventory) : []),
  })
}

/** No jobs of that environment, and nothing that they left. */
export function scheduleAbsent(env: string): Role {
  return role({
    name: 'schedule',
    about,
    vars: scheduleVars,
    resources: ({ vars, host }) =>
      vars.schedule_host === host.name
        ? [noStrays(env, { jobs: [], paths: [], metricsDir: vars.schedule_metrics_dir })]
        : [],
  })
}

function scheduled(env: string, vars: ScheduleVars, inventory: string | undefined): readonly Resource[] {
  const jobs = jobsOf(env, vars, inventory)
  const { schedule_user: owner, schedule_metrics_dir: metrics } = vars
  const byCron = vars.schedule_by === 'cron'
  const environment = paths.environment(env)
  const needed = [
    ...(byCron ? ['cron', 'logrotate'] : []),
    ...(vars.schedule_ping_url === undefined ? [] : ['curl', 'ca-certificates']),
  ]
  return [
    ...(jobs.some((job) => job.own) ? [projectThere(vars, inventory)] : []),
    ...(needed.length === 0 ? [] : [packages(needed)]),
    ...[folders.config, program.slice(0, program.lastIndexOf('/'))].map((folder) => directory(folder)),
    directory(folders.state, { owner }),
    ...(byCron ? [directory(folders.logs, { owner })] : []),
    ...(metrics === '' ? [] : [metricsFolder(metrics, owner)]),
    file(program, {
      content: readFileSync(new URL('run-job.sh', import.meta.url), 'utf8'),
      mode: 0o755,
    }),
    file(environment, { content: environmentFile(vars), mode: 0o600, owner }),
    noStrays(env, {
      jobs: jobs.map((job) => job.name),
      paths: [
        environment,
        ...(byCron ? [paths.rotation(env)] : []),
        ...jobs.flatMap((job) => pathsOf(job, byCron)),
      ],
      metricsDir: metrics,
    }),
    ...(byCron ? [rotation(env, jobs)] : []),
    ...jobs.flatMap((job) => [
      file(paths.config(env, job.name), { content: configOf(job, vars) }),
      ...(byCron ? cronLines(job, owner) : timer(job, owner)),
    ]),
    ...(byCron ? [service('cron')] : []),
  ]
}

function projectThere(
  { schedule_project: project, schedule_path: path }: ScheduleVars,
  inventory: string | undefined,
): Resource {
  // from the project's folder, as the jobs take it
  const folder = inventory === undefined ? project : resolve(project, inventory)
  return assertThat('the project and Node are there', {
    that: sh`[ -x ${`${project}/zx`} ] || { echo ${`no ${project}/zx`}; exit 1; }
[ -d ${`${project}/node_modules`} ] || { echo ${`no ${project}/node_modules`}; exit 1; }
[ -d ${folder} ] || { echo ${`no inventory ${folder}`}; exit 1; }
PATH=${path} command -v node || { echo ${`no node in ${path}`}; exit 1; }`,
    message: 'the jobs could not run: the project or Node is not there',
    hint: `check the project out at ${project} with its inventory, npm ci there, and have node in schedule_path`,
  })
}

/** One that is there already is somebody's: of a Debian package, for example. */
function metricsFolder(path: string, owner: string): Resource {
  return command(`folder of metrics ${path}`, {
    creates: path,
    run: sh`install -d -m 755 -o ${owner} -- ${path}`,
    changedSummary: 'create',
  })
}

function timer(job: Job, user: string): readonly Resource[] {
  const unit = unitOf(job.env, job.name)
  const what = `${job.name} of ${job.env}`
  return [
    systemdUnit(`${unit}.service`, {
      Unit: {
        Description: `Quayside: ${what}`,
        Wants: 'network-online.target',
        After: 'network-online.target',
      },
      Service: {
        Type: 'oneshot',
        ExecStart: execLine(program, paths.config(job.env, job.name)),
        User: user,
        SyslogIdentifier: unit,
        // What it is told to end with goes to run-job alone, which passes it on and tells of it.
        KillMode: 'mixed',
        TimeoutStopSec: 120,
        SuccessExitStatus: 75,
      },
    }),
    systemdTimer(
      unit,
      {
        OnCalendar: onCalendar(job.when),
        RandomizedDelaySec: delaySeconds(job.when),
        AccuracySec: 1,
        Persistent: true,
      },
      { description: `Quayside: ${what}, ${inWords(job.when)}` },
    ),
  ]
}

function cronLines(job: Job, user: string): readonly Resource[] {
  const { env, name, when } = job
  const run = `${program} ${paths.config(env, name)}`
  return [
    cron(unitOf(env, name), { schedule: cronSchedule(when, `${env} ${name}`), command: run, user }),
    cron(missedOf(env, name), { schedule: '@reboot', command: `${run} missed`, user }),
  ]
}

function pathsOf({ env, name }: Job, byCron: boolean): readonly string[] {
  const unit = `/etc/systemd/system/${unitOf(env, name)}`
  return [
    paths.config(env, name),
    ...(byCron
      ? [`/etc/cron.d/${unitOf(env, name)}`, `/etc/cron.d/${missedOf(env, name)}`]
      : [`${unit}.service`, `${unit}.timer`]),
  ]
}

/** By their names: logrotate refuses a log that two patterns mean, and another environment's name may begin with this one's. */
function rotation(env: string, jobs: readonly Job[]): Resource {
  const content = `# what run-job writes under cron
${jobs.map((job) => paths.log(env, job.name)).join('\n')} {
  weekly
  maxsize 20M
  rotate 8
  compress
  delaycompress
  missingok
  notifempty
}
`
  return file(paths.rotation(env), { content })
}
