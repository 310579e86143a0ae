import { exit, QuaysideError } from '../../lib/error.ts'
import { quote } from '../../lib/script/script.ts'
import { folders, paths } from './paths.ts'
import type { ScheduleVars } from './schema.ts'
import { gapSeconds, inWords, type When } from './when.ts'

/** A job as the inventory has it, checked. */
export interface Job {
  readonly env: string
  readonly name: string
  readonly when: When
  /** what is run in the project's folder */
  readonly words: readonly string[]
  /** it is one of this project's own playbooks, and needs it and Node */
  readonly own: boolean
}

const playbooks: Readonly<Record<string, readonly string[]>> = {
  backup: ['playbooks/backup.ts'],
  copy: ['playbooks/backup.ts', 'copy', '--all'],
  prune: ['playbooks/backup.ts', 'prune', '--yes'],
  drill: ['playbooks/restore-drill.ts'],
}

/**
 * The jobs of an environment. Throws a QuaysideError (exit code 2) for one that nobody knows how to run, or when.
 * @param inventory the folder that they read it from, by its path in the project or on the host, where it is not the environment's own
 */
export function jobsOf(env: string, vars: ScheduleVars, inventory?: string): readonly Job[] {
  const which = ['--env', env, ...(inventory === undefined ? [] : ['--inventory', inventory])]
  return Object.entries(vars.schedule_jobs).map(([name, { args, run, ...when }]) => {
    const wrong = (what: string, hint?: string) =>
      new QuaysideError(`schedule_jobs: ${name}: ${what}`, {
        exitCode: exit.usage,
        ...(hint === undefined ? {} : { hint }),
      })
    if (when.every_hours !== undefined && when.every_minutes !== undefined)
      throw wrong('every_hours and every_minutes do not go together')
    // cron would take either, systemd both.
    if (when.days !== undefined && when.day_of_month !== undefined)
      throw wrong('days and day_of_month do not go together')
    const own = Object.hasOwn(playbooks, name) ? playbooks[name] : undefined
    if (own !== undefined && run !== undefined)
      throw wrong('it is a playbook of this project, and takes no run', 'give the job another name')
    if (own === undefined && run === undefined)
      throw wrong('what does it run?', `${Object.keys(playbooks).join(', ')} are known; others need run`)
    const words = own === undefined ? [...(run ?? [])] : ['./zx', ...own, ...which]
    return { env, name, when, words: [...words, ...args], own: own !== undefined }
  })
}

/** What run-job reads: sh, with nothing secret in it. */
export function configOf(job: Job, vars: ScheduleVars): string {
  const { env, name, when, words } = job
  const settings = {
    env,
    job: name,
    project: vars.schedule_project,
    path: vars.schedule_path,
    environment: paths.environment(env),
    state: folders.state,
    metrics: vars.schedule_metrics_dir,
    log: vars.schedule_by === 'cron' ? paths.log(env, name) : '',
    gap: String(gapSeconds(when)),
    settle: '60',
    by: vars.schedule_by,
    at: inWords(when),
  }
  return [
    ...Object.entries(settings).map(([key, value]) => `${key}=${quote(value)}`),
    `work() { exec ${words.map(quote).join(' ')}; }`,
    '',
  ].join('\n')
}
