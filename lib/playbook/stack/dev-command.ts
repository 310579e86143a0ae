import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { demandEngine } from '../../compose/engine.ts'
import { projectLocked } from '../../compose/locked.ts'
import { compose, composeCommand, type Project } from '../../compose/project.ts'
import { findCompose } from '../../compose/tool.ts'
import { QuaysideError, UsageError } from '../../error.ts'
import { composeProgram } from '../../lab/compose-program.ts'
import { nearest } from '../../nearest.ts'
import { expected } from '../../stack/expected.ts'
import { agreed } from '../agree.ts'
import type { Args, Flags } from '../flags.ts'
import type { Life } from '../program.ts'
import { devUp } from './dev-up.ts'
import type { StackSite } from './site.ts'
import { standIns } from './stand-ins.ts'

const actions = ['up', 'down', 'logs', 'reset', 'shell'] as const
type Action = (typeof actions)[number]

export const devFlags = {
  standins: { about: 'with up: images built here of Debian’s packages, where no image registry is reached' },
  follow: { about: 'with logs: go on as they come' },
  yes: { about: 'with reset: do not ask' },
} as const satisfies Flags

export const devArguments = 'up|down|logs [SERVICE…]|reset|shell SERVICE'

/** What `dev.ts` does with its words; returns the exit code. */
export async function devCommand(site: StackSite, { args, print, signal }: Life): Promise<number> {
  const [word, ...services] = args.positionals
  const action = actionOf(word)
  check(site, action, services, args)
  const images = args.has('standins') ? await standIns(print) : {}
  await demandEngine()
  const project = await projectOf(site, images)
  switch (action) {
    case 'up': {
      const verbose = args.count('verbose') > 0
      await projectLocked(project.name, 'dev.ts up', () => devUp(site, project, { print, signal, verbose }))
      return 0
    }
    case 'down':
      await projectLocked(project.name, 'dev.ts down', () => compose(project, ['down', '--remove-orphans']))
      print('stopped; the data stays, and up brings it back')
      return 0
    case 'reset':
      return reset(project, args.has('yes'), print)
    case 'logs':
      return shown(project, ['logs', ...(args.has('follow') ? ['--follow'] : ['--tail', '200']), ...services])
    case 'shell':
      return shown(project, ['exec', ...services, 'sh'])
  }
}

function actionOf(word: string | undefined): Action {
  const action = actions.find((each) => each === word)
  if (action !== undefined) return action
  if (word === undefined) throw new UsageError('what shall be done?', actions.join(', '))
  const near = nearest(word, actions)
  throw new UsageError(
    `dev.ts has no "${word}"`,
    near === undefined ? actions.join(', ') : `did you mean ${near}?`,
  )
}

/** Wrong words are told before anything is touched. */
function check({ setting, stack }: StackSite, action: Action, services: readonly string[], args: Args): void {
  const misplaced = (flag: keyof typeof devFlags, of: Action) => {
    if (args.has(flag) && action !== of) throw new UsageError(`--${flag} goes with ${of}`)
  }
  misplaced('standins', 'up')
  misplaced('follow', 'logs')
  misplaced('yes', 'reset')
  const { once, stay } = expected(stack, setting)
  const known = [...stay, ...once]
  if (action === 'shell' && services.length !== 1)
    throw new UsageError('a shell in which service?', stay.join(', '))
  if (!['logs', 'shell'].includes(action) && services.length > 0)
    throw new UsageError(`dev.ts ${action} takes no "${services[0]}"`)
  for (const name of services) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    throw new UsageError(
      `there is no service "${name}"`,
      near === undefined ? known.join(', ') : `did you mean ${near}?`,
    )
  }
}

async function projectOf(
  { envFile, folder, setting, stack }: StackSite,
  variables: Readonly<Record<string, string>>,
): Promise<Project> {
  const own = join(folder, 'docker-compose.override.yaml')
  return {
    tool: await findCompose([composeProgram]),
    name: process.env.COMPOSE_PROJECT_NAME ?? `${stack.name}-${setting.name}`,
    files: [join(folder, `${setting.name}.yaml`), ...(existsSync(own) ? [own] : [])],
    ...(existsSync(envFile) ? { envFile } : {}),
    variables,
  }
}

async function reset(project: Project, sure: boolean, print: (line: string) => void): Promise<number> {
  if (!sure) {
    const answer = await agreed(`Remove ${project.name} with its database?`)
    if (answer === undefined)
      throw new UsageError('reset removes the database and asks first: there is no terminal', 'say --yes')
    if (!answer) {
      print('nothing was removed')
      return 1
    }
  }
  const words = ['down', '--volumes', '--remove-orphans']
  await projectLocked(project.name, 'dev.ts reset', () => compose(project, words))
  print('removed, data and all; secrets and images stay')
  return 0
}

/** A command of Compose at the terminal, its exit code ours. */
function shown(project: Project, words: readonly string[]): number {
  const [program = '', ...rest] = composeCommand(project, ...words)
  const { error, status } = spawnSync(program, rest, {
    stdio: 'inherit',
    env: { ...process.env, ...project.variables },
  })
  if (error) throw new QuaysideError(`${program}: ${error.message}`)
  return status ?? 1
}
