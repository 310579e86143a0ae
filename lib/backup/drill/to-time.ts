import { QuaysideError } from '../../error.ts'
import { openDatabase } from '../../postgres/database.ts'
import { howToSet } from '../../secret/age/key.ts'
import { type Base, baseFolder } from '../base/base.ts'
import { listBackups, ManifestError, readManifest } from '../manifest-file.ts'
import type { RecoveryTime } from '../pitr/choose.ts'
import { foresee } from '../pitr/foresee.ts'
import { type Recovered, recoverTo } from '../pitr/recover.ts'
import { catalogOf } from '../postgres/catalog.ts'
import { type Sighting, servedAt } from '../served.ts'
import { onHost } from './on-host.ts'
import { prefix, proveByItself } from './proofs.ts'
import { demandMajor, recoverApp, recoverRedis } from './recovery.ts'
import { label } from './scratch.ts'
import { serveRecovered } from './serve.ts'
import type { Found } from './steps.ts'
import { type Course, inDatabase, serverOf, type Work } from './work.ts'

/** A point in time: the base backup, the log played onto it, and all that must hold of a server without a manifest. */
export function toTime(to: RecoveryTime): Course {
  return {
    folder: baseFolder,
    async run(work: Work): Promise<void> {
      const { steps } = work
      const gate = { gate: true } as const
      let recovered: Recovered | undefined
      await steps.run(
        'base',
        'a base backup and the log to play onto it are there',
        () => base(work, to),
        gate,
      )
      await steps.run(
        'recovery',
        'its files are whole, and the log plays up to the time',
        async () => {
          recovered = await recover(work, to)
          return judgeReached(recovered, to, work.found.safeUntil)
        },
        gate,
      )
      await steps.run('log', 'no segment is missing on the way', () => log(work, to))
      await steps.run('server', 'the recovered server serves', () => serve(work, recovered), gate)
      await steps.run('readable', 'every table can be read to its last row', () => readable(work))
      await steps.run('extensions', 'extensions are there, in versions that the image has', () =>
        extensions(work),
      )
      await proveByItself(work)
      await recoverRedis(work)
      await recoverApp(work)
    },
  }
}

async function base(work: Work, to: RecoveryTime): Promise<Found> {
  const { spec, found, chosen } = work
  found.recovery = { to: to === 'latest' ? to : to.toISOString() }
  const foreseen = await foresee(sourceOf(spec), to)
  found.safeUntil = foreseen.until.toISOString()
  const { chain, first } = foreseen
  const sighting = await findServed(work, foreseen.base, to)
  found.release = sighting?.release
  const served = sighting === undefined ? '' : `; ${sighting.release.id} was served, says ${sighting.by}`
  const text = `${first} of ${chain.segments.length} segments, the last of them stored ${found.safeUntil}${served}`
  return foreseen.base.id === chosen.id
    ? { text }
    : { text, problems: [`a recovery would begin with ${foreseen.base.id} now`] }
}

function sourceOf({ store, plan, keys, signingKey }: Work['spec']) {
  if (keys === undefined)
    throw new QuaysideError('there is no age key in hand to open it with', { hint: howToSet() })
  return { store, env: plan.env, keys, key: signingKey }
}

/**
 * What was served at that time, by whoever knows: the base backup, the last logical backup of before (whose Redis the app
 * is booted with, too), the history of the edges. Nothing of it can be wrong with the recovery.
 */
async function findServed(
  { spec, found }: Work,
  base: Base,
  to: RecoveryTime,
): Promise<Sighting | undefined> {
  const moment = to === 'latest' ? new Date() : to
  found.manifest = await manifestBefore(spec, moment)
  const { manifest } = found
  const sightings: Sighting[] = [...(await spec.history())]
  if (base.release !== undefined)
    sightings.push({ at: base.startedAt, release: base.release, by: `base backup ${base.id}` })
  if (manifest?.release !== undefined)
    sightings.push({ at: manifest.takenAt, release: manifest.release, by: `backup ${manifest.id}` })
  return servedAt(sightings, moment)
}

/** The newest backup that was begun by then. One that cannot be read says nothing of the recovery. */
async function manifestBefore({ store, plan, signingKey, emit }: Work['spec'], moment: Date) {
  const all = await listBackups(store, plan.env)
  const newest = all.find(({ complete, at }) => complete && at <= moment)
  if (newest === undefined) return undefined
  return await readManifest(store, plan.env, newest.id, signingKey).catch((error: unknown) => {
    if (!(error instanceof ManifestError)) throw error
    emit({ type: 'note', text: `neither its Redis nor its release is known: ${error.message}` })
    return undefined
  })
}

async function recover(work: Work, to: RecoveryTime): Promise<Recovered> {
  const { spec, session, scratch, found } = work
  const { base } = await foresee(sourceOf(spec), to)
  await demandMajor(work, base.server)
  const recovered = await recoverTo({
    ...sourceOf(spec),
    connection: session.connection,
    image: spec.server.image,
    to,
    label: `${label}=${scratch.drill}`,
    signal: spec.signal,
    tell: (text) => spec.emit({ type: 'step', text }),
  })
  const { reached } = recovered
  if (found.recovery !== undefined && reached !== undefined) found.recovery = { ...found.recovery, reached }
  return recovered
}

/** Whether a recovery is of the time that it was to be of. Where nothing was committed after that, the log has no later word. */
export function judgeReached(
  { whole, reached, base }: Pick<Recovered, 'whole' | 'reached' | 'base'>,
  to: RecoveryTime,
  safeUntil: string | undefined,
): Found {
  const text = `pg_verifybackup finds it whole; the last transaction is of ${reached ?? `before ${base.endedAt}`}`
  if (to === 'latest') return { text }
  const problems = [
    ...(reached !== undefined && new Date(reached) > to ? [`that is later than ${to.toISOString()}`] : []),
    ...(!whole && safeUntil !== undefined && to > new Date(safeUntil)
      ? [`the archive ends at ${safeUntil}, before ${to.toISOString()}`]
      : []),
  ]
  return { text, problems }
}

/** Whoever wants the latest gets what was before the first gap. */
async function log({ spec }: Work, to: RecoveryTime): Promise<Found> {
  if (to !== 'latest') return { text: 'none before that time' }
  const { chain } = await foresee(sourceOf(spec), to)
  return {
    text: `${chain.segments.length} segments`,
    problems: chain.gaps.map(({ first, count }) =>
      count === 1 ? `${first} is missing` : `${first} and ${count - 1} more are missing`,
    ),
  }
}

async function serve(work: Work, recovered: Recovered | undefined): Promise<Found> {
  const { session, scratch, spec, found } = work
  if (recovered === undefined) throw new TypeError('nothing was recovered')
  const script = serveRecovered(recovered.scratch, scratch, spec.server)
  await onHost(session.connection, 'the start of the recovered server', script, spec.signal)
  await using admin = await openDatabase(serverOf(work), 'postgres', {
    purpose: 'drill',
    signal: spec.signal,
  })
  const rows = await admin.rows<{ name: string }>(
    'select datname as name from pg_database where datallowconn',
  )
  found.databases.push(...spec.plan.databases.filter((name) => rows.some((row) => row.name === name)))
  const text = found.databases.join(', ')
  return found.databases.length > 0
    ? { text }
    : { text, problems: [`it has none of ${spec.plan.databases.join(', ')}`] }
}

async function readable(work: Work): Promise<Found> {
  const { found, jobs, spec } = work
  for (const name of found.databases)
    found.catalogs.set(name, await catalogOf(serverOf(work), name, { parallel: jobs, signal: spec.signal }))
  const tables = [...found.catalogs.values()].flatMap((each) => each.tables)
  return { text: `${tables.length} tables, ${tables.reduce((sum, { rows }) => sum + rows, 0)} rows` }
}

async function extensions(work: Work): Promise<Found> {
  const names: string[] = []
  const problems: string[] = []
  for (const database of work.found.databases) {
    const rows = await inDatabase(work, database, (session) =>
      session.rows<{ name: string; version: string; there: boolean }>(
        `select e.extname as name, e.extversion as version, exists (
           select from pg_available_extension_versions a where a.name = e.extname and a.version = e.extversion) as there
           from pg_extension e order by 1`,
      ),
    )
    names.push(...rows.map(({ name, version }) => `${name} ${version}`))
    problems.push(
      ...rows
        .filter(({ there }) => !there)
        .map(({ name, version }) => `${prefix(work, database)}the image lacks ${name} ${version}`),
    )
  }
  return { text: names.join(', ') || 'none', problems }
}
