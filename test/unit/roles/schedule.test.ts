import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { backupMetrics, drillMetrics } from '../../../lib/backup/metrics.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { environmentFile } from '../../../roles/schedule/environment-file.ts'
import { installedLines, readInstalled } from '../../../roles/schedule/installed.ts'
import { configOf, jobsOf } from '../../../roles/schedule/job.ts'
import { nextRun } from '../../../roles/schedule/next-run.ts'
import { scheduleAbsent, scheduleOf } from '../../../roles/schedule/role.ts'
import { scheduleVars } from '../../../roles/schedule/schema.ts'
import { jobOf, noStrays } from '../../../roles/schedule/strays.ts'
import {
  cronSchedule,
  delaySeconds,
  gapSeconds,
  inWords,
  onCalendar,
  type When,
} from '../../../roles/schedule/when.ts'
import { context, varsOf, visible } from './context.ts'

const vars = (given: Record<string, unknown> = {}) =>
  varsOf(scheduleVars, { schedule_host: 'db-1', ...given })

describe('when', () => {
  // jitter 0: what cron adds of it hangs on a hash
  const cases: readonly (readonly [Partial<When>, string, string, number, string])[] = [
    [{}, '*-*-* 02:15:00', '15 2 * * *', 86_400, 'daily at 02:15'],
    [{ at: '00:00' }, '*-*-* 00:00:00', '0 0 * * *', 86_400, 'daily at 00:00'],
    [
      { every_hours: 6 },
      '*-*-* 02,08,14,20:15:00',
      '15 2,8,14,20 * * *',
      21_600,
      'daily every 6 h from 02:15',
    ],
    [
      { at: '23:50', every_hours: 12 },
      '*-*-* 11,23:50:00',
      '50 11,23 * * *',
      43_200,
      'daily every 12 h from 23:50',
    ],
    [{ every_minutes: 20 }, '*-*-* *:00,20,40:00', '0,20,40 * * * *', 1200, 'every 20 min'],
    [{ days: ['sun'] }, 'Sun *-*-* 02:15:00', '15 2 * * 0', 7 * 86_400, 'on sun at 02:15'],
    [{ days: ['fri', 'mon'] }, 'Fri,Mon *-*-* 02:15:00', '15 2 * * 5,1', 4 * 86_400, 'on fri, mon at 02:15'],
    [{ day_of_month: 1 }, '*-*-01 02:15:00', '15 2 1 * *', 31 * 86_400, 'on day 1 of the month at 02:15'],
  ]
  test.each(cases)('%o', (given, calendar, cron, gap, words) => {
    const when = { at: '02:15', jitter_minutes: 0, ...given }
    expect([onCalendar(when), cronSchedule(when, 'x'), gapSeconds(when), inWords(when)]).toEqual([
      calendar,
      cron,
      gap,
      words,
    ])
  })

  test('every minute is every minute', () => {
    expect(cronSchedule({ at: '02:15', every_minutes: 1, jitter_minutes: 10 }, 'x')).toBe('* * * * *')
    expect(delaySeconds({ at: '02:15', every_minutes: 1, jitter_minutes: 10 })).toBe(30)
    expect(delaySeconds({ at: '02:15', jitter_minutes: 10 })).toBe(600)
  })

  const seeds = Array.from({ length: 200 }, (_, index) => `production ${index}`)
  const spread = (when: When) => seeds.map((seed) => cronSchedule(when, seed))

  test('under cron the jitter is the same each time, within its bounds, and not the same for all', () => {
    const all = spread({ at: '02:55', jitter_minutes: 10 })
    expect(all).toEqual(spread({ at: '02:55', jitter_minutes: 10 }))
    expect(new Set(all)).toEqual(
      new Set(
        ['55 2', '56 2', '57 2', '58 2', '59 2', '0 3', '1 3', '2 3', '3 3', '4 3', '5 3'].map(
          (each) => `${each} * * *`,
        ),
      ),
    )
  })

  test('it puts no run into the next day, nor into the next run', () => {
    for (const line of spread({ at: '23:55', jitter_minutes: 30 })) expect(line).toMatch(/^5[5-9] 23 /)
    for (const line of spread({ at: '02:15', every_minutes: 5, jitter_minutes: 30 }))
      expect(line.split(' ')[0]?.split(',')).toHaveLength(12)
    for (const line of spread({ at: '22:30', every_hours: 2, jitter_minutes: 240 }))
      expect(line.split(' ')[1]?.split(',')).toHaveLength(12)
  })

  test.each([
    ['15 2 * * *', '2026-11-25 02:14', '2026-11-25 02:15'],
    ['15 2 * * *', '2026-11-25 02:15', '2026-11-26 02:15'],
    ['15 2,8,14,20 * * *', '2026-11-25 10:30', '2026-11-25 14:15'],
    ['0,20,40 * * * *', '2026-12-31 23:45', '2027-01-01 00:00'],
    ['* * * * *', '2026-11-25 23:59', '2026-11-26 00:00'],
    ['15 2 * * 0', '2026-11-25 10:30', '2026-11-29 02:15'],
    ['15 2 * * 5,1', '2026-11-27 02:15', '2026-11-30 02:15'],
    ['15 2 28 * *', '2027-02-01 00:00', '2027-02-28 02:15'],
    ['15 2 31 * *', '2026-11-25 00:00', '2026-12-31 02:15'],
    ['61 2 * * *', '2026-11-25 00:00', undefined],
  ])('"%s" after %s: %s', (schedule, now, next) => expect(nextRun(schedule, now)).toBe(next))
})

describe('jobs', () => {
  const job = (name: string, given: Record<string, unknown>) => () =>
    jobsOf('lab', vars({ schedule_jobs: { [name]: given } }))

  test('those of the project are known, with their environment', () => {
    const jobs = jobsOf(
      'lab',
      vars({ schedule_jobs: { backup: {}, copy: {}, drill: { args: ['--random'] }, prune: {} } }),
    )
    expect(jobs.map(({ words }) => words.join(' '))).toEqual([
      './zx playbooks/backup.ts --env lab',
      './zx playbooks/backup.ts copy --all --env lab',
      './zx playbooks/restore-drill.ts --env lab --random',
      './zx playbooks/backup.ts prune --yes --env lab',
    ])
  })

  test('an inventory that was named is passed on, to those of the project alone', () => {
    const jobs = jobsOf(
      'lab',
      vars({ schedule_jobs: { drill: { args: ['random'] }, own: { run: ['./x'] } } }),
      'inventory/other',
    )
    expect(jobs.map(({ words }) => words.join(' '))).toEqual([
      './zx playbooks/restore-drill.ts --env lab --inventory inventory/other random',
      './x',
    ])
  })

  test('unless told, there is a backup each night, a drill each week, and a prune', () => {
    expect(jobsOf('lab', vars()).map(({ name, when }) => `${name} ${inWords(when)}`)).toEqual([
      'backup daily at 02:15',
      'drill on sun at 04:15',
      'prune daily at 06:15',
    ])
  })

  test.each([
    ['vacuum', {}, 'schedule_jobs: vacuum: what does it run?'],
    ['constructor', {}, 'schedule_jobs: constructor: what does it run?'],
    [
      'backup',
      { run: ['true'] },
      'schedule_jobs: backup: it is a playbook of this project, and takes no run',
    ],
    [
      'backup',
      { every_hours: 2, every_minutes: 5 },
      'schedule_jobs: backup: every_hours and every_minutes do not go together',
    ],
    [
      'backup',
      { days: ['sun'], day_of_month: 1 },
      'schedule_jobs: backup: days and day_of_month do not go together',
    ],
  ])('%s %o: %s', (name, given, message) => {
    expect(job(name, given)).toThrow(expect.objectContaining({ message, exitCode: 2 }))
  })

  test.each([
    { at: '2:15' },
    { at: '24:00' },
    { every_minutes: 7 },
    { every_hours: 5 },
    { days: ['sunday'] },
    { days: [] },
    { day_of_month: 31 },
  ])('the schema refuses %o', (given) => expect(job('backup', given)).toThrow())
  test.each(['Backup', 'back-up', '1st', 'a b', ''])('no job is called %o', (name) => {
    expect(job(name, { run: ['true'] })).toThrow()
  })

  test('what run-job reads quotes what it is given', () => {
    const given = vars({
      schedule_project: "/srv/o'brien's",
      schedule_jobs: { own: { run: ['./x', '$(touch hacked)', '; rm -rf /'] } },
    })
    const text = configOf(jobsOf('lab', given)[0] ?? fail(), given)
    expect(text).toContain(`project='/srv/o'\\''brien'\\''s'\n`)
    expect(text).toContain(`work() { exec ./x '$(touch hacked)' '; rm -rf /'; }\n`)
    expect(text).toContain("log=''\n")
  })
})

function fail(): never {
  throw new Error('no job')
}

describe('the role', () => {
  const url = new Secret('https://ping.example.com/9f8e7d')
  const key = new Secret('AKIA-very-secret')
  const given = (more: Record<string, unknown> = {}) =>
    vars({
      schedule_environment: { QUAYSIDE_AGE_KEY_FILE: '/root/age key.txt' },
      schedule_secrets: { AWS_SECRET_ACCESS_KEY: key },
      schedule_ping_url: url,
      ...more,
    })
  const ids = (more: Record<string, unknown> = {}) =>
    scheduleOf('lab')
      .resources(context(given(more)))
      .map(({ id }) => id)

  test.each(['systemd', 'cron'])('no secret can be seen of it, by %s', (by) => {
    const jobs = { own: { run: ['true'] } }
    const seen = visible(scheduleOf('lab'), context(given({ schedule_by: by, schedule_jobs: jobs })))
    expect(seen).toContain('lab-own')
    expect(seen).not.toContain('9f8e7d')
    expect(seen).not.toContain('AKIA')
  })

  test('secrets go into one file, which is one itself', () => {
    const text = environmentFile(given())
    expect(text).toBeInstanceOf(Secret)
    expect(text instanceof Secret && text.reveal()).toBe(
      "QUAYSIDE_AGE_KEY_FILE='/root/age key.txt'\nAWS_SECRET_ACCESS_KEY=AKIA-very-secret\nQUAYSIDE_PING_URL=https://ping.example.com/9f8e7d\n",
    )
    expect(environmentFile(vars())).toBe('')
  })

  test('it does nothing on other hosts', () => {
    const other = { ...context(given({ schedule_host: 'app-1' })) }
    expect(scheduleOf('lab').resources(other)).toEqual([])
    expect(scheduleAbsent('lab').resources(other)).toEqual([])
  })

  test('timers, or lines of cron with a log that is rotated', () => {
    expect(ids({ schedule_jobs: { backup: {} } })).toEqual([
      'assert the project and Node are there',
      'packages curl ca-certificates',
      'directory /etc/quayside/schedule',
      'directory /usr/local/lib/quayside',
      'directory /var/lib/quayside/schedule',
      'command folder of metrics /var/lib/quayside/metrics',
      'file /usr/local/lib/quayside/run-job',
      'file /etc/quayside/schedule/lab.env',
      'schedule of lab: nothing else',
      'file /etc/quayside/schedule/lab-backup.conf',
      'systemd unit quayside-lab-backup.service',
      'systemd unit quayside-lab-backup.timer',
    ])
    expect(
      ids({ schedule_by: 'cron', schedule_jobs: { backup: {} }, schedule_metrics_dir: '' }).slice(-6),
    ).toEqual(
      [
        'schedule of lab: nothing else',
        'file /etc/logrotate.d/quayside-schedule-lab',
        'file /etc/quayside/schedule/lab-backup.conf',
        'cron quayside-lab-backup',
        'cron quayside-lab-backup-missed',
        'service cron',
      ].slice(-6),
    )
  })
})

describe('what is not to be there', () => {
  test.each([
    ['/etc/systemd/system/quayside-lab-backup.timer', 'backup'],
    ['/etc/cron.d/quayside-lab-backup', 'backup'],
    ['/etc/cron.d/quayside-lab-backup-missed', 'backup'],
    ['/etc/quayside/schedule/lab-backup.conf', 'backup'],
    ['/var/lib/quayside/schedule/lab-backup.last', 'backup'],
    ['/var/log/quayside/lab-backup.log', 'backup'],
    ['/var/log/quayside/lab-backup.log.2.gz', 'backup'],
    ['/var/log/quayside/lab-backup.log-20261125.gz', 'backup'],
    ['/m/quayside_job_lab-backup.prom', 'backup'],
    ['/etc/quayside/schedule/lab-eu-backup.conf', undefined],
    ['/etc/cron.d/quayside-lab-eu-backup-missed', undefined],
    ['/etc/quayside/schedule/lab.env', undefined],
    ['/etc/quayside/schedule/other-backup.conf', undefined],
  ])('%s is of the job %s', (path, name) => expect(jobOf(path, 'lab')).toBe(name))

  const there = [
    '/etc/systemd/system/quayside-lab-backup.timer',
    '/etc/systemd/system/quayside-lab-backup.service',
    '/etc/quayside/schedule/lab-backup.conf',
    '/etc/quayside/schedule/lab-old.conf',
    '/etc/quayside/schedule/lab-eu-backup.conf',
    '/etc/quayside/schedule/lab.env',
    '/var/lib/quayside/schedule/lab-backup.last',
    '/var/lib/quayside/schedule/lab-old.last',
    '/var/log/quayside/lab-old.log.1',
    '/m/quayside_job_lab-backup.prom',
    '/m/quayside_backup_lab.prom',
  ]
  const plan = (jobs: string[], paths: string[]) =>
    noStrays('lab', { jobs, paths, metricsDir: '/m' }).plan({ stdout: there.join('\n'), stderr: '', code: 0 })
  const removed = (jobs: string[], paths: string[]) => {
    const found = plan(jobs, paths)
    return found.kind === 'change' ? (found.diff ?? '').split('\n').map((line) => line.slice(1)) : []
  }

  test('of a job that stays, only the other mechanism goes; another environment is left alone', () => {
    const kept = [
      '/etc/quayside/schedule/lab-backup.conf',
      '/etc/quayside/schedule/lab.env',
      '/etc/cron.d/quayside-lab-backup',
    ]
    expect(removed(['backup'], kept)).toEqual([
      '/etc/systemd/system/quayside-lab-backup.timer',
      '/etc/systemd/system/quayside-lab-backup.service',
      '/etc/quayside/schedule/lab-old.conf',
      '/var/lib/quayside/schedule/lab-old.last',
      '/var/log/quayside/lab-old.log.1',
    ])
  })

  test('with no job left, all of this environment goes', () => {
    expect(removed([], [])).toEqual(there.filter((path) => !path.includes('lab-eu')))
  })
})

describe('what is installed', () => {
  const printed = `now=2026-11-25 10:30
conf=/etc/quayside/schedule/lab-backup.conf
by=systemd
at=daily at 02:15
timer=Thu 2026-11-26 02:17:04 UTC
cron=
started=1795573020
ended=1795573110
succeeded=1795573110
code=0
runs=3
failures=0
conf=/etc/quayside/schedule/lab-drill.conf
by=cron
at=on sun at 04:15
timer=
cron=21 4 * * 0
started=1795573020
ended=1795570000
code=0
busy=yes
conf=/etc/quayside/schedule/lab-eu-backup.conf
by=cron
conf=/etc/quayside/schedule/lab-prune.conf
by=systemd
at=daily at 06:15
timer=
cron=
`
  test('is read, and told in a table', () => {
    expect(installedLines(readInstalled(printed, 'lab'))).toEqual([
      'job     by       when             next                         last run',
      'backup  systemd  daily at 02:15   Thu 2026-11-26 02:17:04 UTC  2026-11-25T02:17:00Z, well, 90 s',
      'drill   cron     on sun at 04:15  2026-11-29 04:21             2026-11-25T02:17:00Z, goes on or was cut off',
      'prune   systemd  daily at 06:15   never                        none yet',
    ])
    expect(installedLines(readInstalled('now=2026-11-25 10:30\n', 'lab'))).toEqual(['no jobs are installed'])
  })
})

test('alert rules ask for what is measured', () => {
  const file = (name: string) =>
    readFileSync(new URL(`../../../roles/schedule/${name}`, import.meta.url), 'utf8')
  const times = { startedAt: '2026-11-25T04:00:00Z', finishedAt: '2026-11-25T04:02:00Z' }
  const known = [
    ...[...backupMetrics('lab', [], undefined), ...drillMetrics('lab', { ...times, ok: true })].map(
      ({ name }) => name,
    ),
    ...[...file('run-job.sh').matchAll(/metric ([a-z_]+) (?:gauge|counter)/g)].map(
      ([, name]) => `quayside_job_${name}`,
    ),
    // the archiver's, on the database's host
    'quayside_wal_archive_lag_seconds',
    'quayside_wal_archiver_seen_timestamp_seconds',
  ]
  const rules: { alert: string; expr: string }[] = parse(file('alerts.yaml')).groups[0].rules
  expect(rules.length).toBeGreaterThan(5)
  for (const { alert, expr } of rules) {
    const asked = expr.match(/quayside_\w+/g) ?? []
    expect(asked, alert).not.toEqual([])
    for (const name of asked) expect(known, alert).toContain(name)
  }
})
