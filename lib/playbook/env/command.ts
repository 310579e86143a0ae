import { resolve } from 'node:path'
import type { Stage } from '../../env/stage.ts'
import { UsageError } from '../../error.ts'
import { didYouMean } from '../../nearest.ts'
import type { Args } from '../flags.ts'

const actions = ['check', 'init', 'diff', 'example'] as const
type Action = (typeof actions)[number]

/** Which words and flags each action takes. */
const takes: Readonly<Record<Action, { stages: number; flags: readonly string[] }>> = {
  check: { stages: 1, flags: ['json'] },
  init: { stages: 1, flags: ['check'] },
  diff: { stages: 2, flags: ['json'] },
  example: { stages: 1, flags: ['write'] },
}

/** The stages that there are, where their files are, and where what is found is said. */
export interface Stages {
  readonly all: readonly Stage[]
  /** compose/, unless --directory names another */
  readonly directory: string
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

/** What an action works on. */
export interface Task extends Stages {
  readonly named: readonly Stage[]
  readonly args: Args
}

/** `env.ts check|init|diff|example [STAGE]`. Gives the exit code. */
export async function envCommand(stages: Stages, args: Args): Promise<number> {
  const [word, ...names] = args.positionals
  const action = actions.find((each) => each === word)
  if (action === undefined) throw unknownAction(word)
  const { stages: most, flags } = takes[action]
  const extra = names[most]
  if (extra !== undefined) throw new UsageError(`env.ts ${action} takes no "${extra}"`)
  for (const flag of ['check', 'json', 'write'])
    if (args.has(flag) && !flags.includes(flag))
      throw new UsageError(
        `--${flag} goes with ${actions.filter((each) => takes[each].flags.includes(flag)).join(' and ')}`,
      )
  const named = names.map((name) => stageNamed(name, stages.all))
  const given = args.text('directory')
  const directory = given === undefined ? stages.directory : resolve(given)
  const task = { ...stages, directory, named, args }
  switch (action) {
    case 'check':
      return (await import('./check.ts')).checkAction(task)
    case 'init':
      return (await import('./init.ts')).initAction(task)
    case 'diff':
      return (await import('./diff.ts')).diffAction(task)
    case 'example':
      return (await import('./example.ts')).exampleAction(task)
  }
}

/** The one stage that an action needs. */
export function theStage({ named, all }: Task, action: Action): Stage {
  const [stage] = named
  if (stage !== undefined) return stage
  throw new UsageError('which stage?', all.map(({ name }) => `env.ts ${action} ${name}`).join(', or '))
}

function stageNamed(name: string, all: readonly Stage[]): Stage {
  const found = all.find((stage) => stage.name === name)
  if (found !== undefined) return found
  const names = all.map((stage) => stage.name)
  throw new UsageError(`there is no stage "${name}"`, didYouMean(name, names) ?? names.join(', '))
}

function unknownAction(word: string | undefined): UsageError {
  if (word === undefined)
    return new UsageError('what shall be done with settings and secrets?', actions.join(', '))
  return new UsageError(`env.ts has no "${word}"`, didYouMean(word, actions) ?? actions.join(', '))
}
