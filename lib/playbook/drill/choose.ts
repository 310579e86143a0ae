import { type Chosen, type Course, newSeed, ofBackup, pick, toTime } from '../../backup/drill/index.ts'
import { fraction } from '../../backup/drill/pick.ts'
import { chooseBackup, listBackups } from '../../backup/manifest-file.ts'
import type { RecoveryTime } from '../../backup/pitr/choose.ts'
import { foresee } from '../../backup/pitr/foresee.ts'
import { momentIn } from '../../backup/pitr/moment.ts'
import { readRecoveryTime } from '../../backup/pitr/time.ts'
import { type Place, signingKey } from '../../backup/place.ts'
import { readSpans } from '../../backup/wal/status.ts'
import type { Args } from '../flags.ts'
import type { Run } from '../playbook.ts'
import { keysFor } from '../restore-tools.ts'

/** What is drilled, and how. */
export interface Drilled {
  readonly chosen: Chosen
  readonly course: Course
}

/** What a command line means. Throws where there is no such backup, or no way to that time. */
export async function chooseDrill(run: Run, place: Place): Promise<Drilled> {
  const to = run.args.text('to-time')
  return to === undefined ? await chooseFromBackups(run, place) : await chooseTime(run, place, to)
}

async function chooseFromBackups({ env, args }: Run, { store }: Place): Promise<Drilled> {
  const wanted = args.positionals[0] ?? 'newest'
  const drilled = (id: string, how: string) => ({ chosen: { id, how }, course: ofBackup })
  if (wanted !== 'random')
    return drilled(await chooseBackup(store, env, wanted), wanted === 'newest' ? 'newest' : 'named')
  const seed = seedOf(args)
  const whole = (await listBackups(store, env)).filter(({ complete }) => complete).map(({ id }) => id)
  const id = whole.length === 0 ? await chooseBackup(store, env, undefined) : pick(whole, seed)
  return drilled(id, `random with seed ${seed}`)
}

async function chooseTime({ env, args }: Run, { store, plan }: Place, text: string): Promise<Drilled> {
  const source = { store, env, keys: await keysFor(env), key: signingKey(plan) }
  let to: RecoveryTime
  let how: string
  if (text === 'random') {
    const seed = seedOf(args)
    to = momentIn(await readSpans(store, env, source.keys, source.key), fraction(seed))
    how = `to ${to.toISOString()}, random with seed ${seed}`
  } else {
    to = readRecoveryTime(text)
    how = to === 'latest' ? 'to the latest time' : `to ${to.toISOString()}`
  }
  const { base } = await foresee(source, to)
  return { chosen: { id: base.id, how }, course: toTime(to) }
}

const seedOf = (args: Args): number => args.number('seed', 0) ?? newSeed()
