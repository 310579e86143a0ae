import { randomBytes } from 'node:crypto'
import { backupKeys } from '../backup/keys.ts'
import type { Place } from '../backup/place.ts'
import {
  type DatabaseChoice,
  dropFolders,
  dropKept,
  type Restored,
  type Tools,
} from '../backup/restore/index.ts'
import { exit, QuaysideError } from '../error.ts'
import { howToSet, type Keys } from '../secret/age/key.ts'
import type { Run } from './playbook.ts'

/** What a restore in the environment `here` works with; what is restored may be of another one. */
export async function toolsOf(run: Run, here: Place, there: Place): Promise<Tools> {
  const keys = (await backupKeys(there.plan.env)) ?? { origin: 'nowhere', identities: [] }
  return {
    plan: here.plan,
    inventory: run.inventory,
    store: there.store,
    keys,
    emit: run.emit,
    signal: run.signal,
    run: randomBytes(3).toString('hex'),
    connection: here.connection,
    server: here.server,
  }
}

/** The keys in hand. Throws (exit code 2) where there are none. */
export async function keysFor(env: string): Promise<Keys> {
  const keys = await backupKeys(env)
  if (keys !== undefined) return keys
  throw new QuaysideError(`no key is set that could open a backup of ${env}`, {
    exitCode: exit.usage,
    hint: howToSet(),
  })
}

/** What is to be done next with what a run has restored; --drop-old is done here. */
export async function goOn(
  run: Run,
  tools: Tools,
  choice: DatabaseChoice,
  done: readonly Restored[],
): Promise<void> {
  const { args, emit, env, print } = run
  if (choice.swap && args.has('drop-old'))
    for (const name of await dropOld(tools)) emit({ type: 'step', text: `dropped ${name}` })
  else if (choice.swap) print(`\n  ${goBack(env)}`)
  else if (choice.wanted === undefined && choice.as === undefined && done.length > 0)
    print(`\n  look at it, and then put it in place: npx zx playbooks/restore.ts --env ${env} swap`)
  else if (done.length > 0)
    print(`\n  it is beside what serves: docker exec -it -u postgres postgres psql ${done[0]?.name}`)
}

/** All that swaps have kept: databases, and what Redis and volumes held. */
export async function dropOld(tools: Tools): Promise<readonly string[]> {
  return [...namesOf(await dropKept(tools, ['before'])), ...(await dropFolders(tools))]
}

export const namesOf = (all: readonly { readonly name: string }[]): readonly string[] =>
  all.map(({ name }) => name)

export const goBack = (env: string): string =>
  `to go back: npx zx playbooks/restore.ts --env ${env} undo; once all is well: npx zx playbooks/restore.ts --env ${env} drop-old`
