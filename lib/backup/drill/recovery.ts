import { messageOf, QuaysideError } from '../../error.ts'
import { identifier, literal } from '../../resource/postgres.ts'
import { scramVerifier } from '../../resource/scram.ts'
import { piped, sh } from '../../script/index.ts'
import { howToSet } from '../../secret/age/key.ts'
import { layout } from '../layout.ts'
import { dumpsOf, type Manifest, objectsOf, type PostgresPart } from '../manifest.ts'
import { readManifest } from '../manifest-file.ts'
import { majorOf } from '../postgres/version.ts'
import { verifyStored } from '../sealed.ts'
import { onHost } from './on-host.ts'
import { pour } from './pour.ts'
import { startRedis } from './redis.ts'
import { applyGlobals, createDatabase, drop, keep, type Restored, restoreDump } from './restore.ts'
import { dumps, startServer, versionOf } from './scratch.ts'
import type { Found } from './steps.ts'
import { inDatabase, sourceOf, type Work } from './work.ts'

/** The steps that a recovery has, too: what they take is what a recovery would take. */
export const recoverySteps = [
  'manifest',
  'objects',
  'key',
  'base',
  'recovery',
  'server',
  'globals',
  'restore',
  'tables',
  'redis',
  'app',
]

/** From the store to a server that has the data. */
export async function recover(work: Work): Promise<void> {
  const { steps, spec } = work
  const gate = { gate: true } as const
  await steps.run('manifest', 'the manifest is whole and signed', () => manifest(work), gate)
  await steps.run('objects', 'every object is there, of its size and SHA-256', () => objects(work), gate)
  await steps.run('key', 'the key in hand opens it', () => key(work), gate)
  await steps.run('server', 'a scratch server of the same major version', () => server(work), gate)
  await steps.run('globals', 'roles and settings applied', () => globals(work), gate)
  await steps.run(
    'restore',
    'restored by pg_restore, which ends at the first error',
    () => restore(work),
    gate,
  )
  spec.signal.throwIfAborted()
}

/** The backup's Redis, for the app to be booted with; where none holds one, an empty one. */
export async function recoverRedis(work: Work): Promise<void> {
  const { spec, session, scratch, steps } = work
  await steps.run('redis', "Redis has the backup's keys", async () => {
    const { redis } = spec
    if (redis === undefined) return { text: 'the environment has none', skipped: true }
    const part = work.found.manifest?.redis
    const backup = part === undefined ? undefined : { part, source: sourceOf(work, folderOf(work)) }
    return startRedis(session.connection, scratch, redis, backup, spec.signal)
  })
}

/** The release that was served then, against the restored data. */
export async function recoverApp(work: Work): Promise<void> {
  const { spec, session, scratch, steps, found } = work
  await steps.run('app', 'the matching release runs and answers', async () => {
    const { release } = found
    if (release === undefined) return { text: 'nobody knows what was served then', skipped: true }
    await setPasswords(work)
    const { apps, problems } = await spec.boot({ session, scratch, release, signal: spec.signal })
    found.apps.push(...apps)
    if (apps.length === 0 && problems.length === 0)
      return { text: 'no app of the inventory speaks to the database', skipped: true }
    const asked = apps.flatMap(({ name, answers }) =>
      answers.map(({ path, status }) => `${name}${path} ${status}`),
    )
    return { text: `${release.id}: ${asked.join(', ')}`, problems }
  })
}

async function manifest(work: Work): Promise<Found> {
  const { spec, chosen, found } = work
  found.manifest = await readManifest(spec.store, spec.plan.env, chosen.id, spec.signingKey)
  const { takenAt, by, postgres, release } = found.manifest
  found.release = release
  found.safeUntil = postgres?.snapshotAt ?? takenAt
  found.databases.push(...(postgres?.databases ?? []).map(({ name }) => name))
  return { text: `taken ${takenAt} by ${by}` }
}

/** Every object is read to its end: what a store says of itself is no proof. */
async function objects(work: Work): Promise<Found> {
  const { store, signal } = work.spec
  const entries = objectsOf(manifestOf(work))
  const problems: string[] = []
  const left = [...entries]
  const readOn = async () => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
      try {
        await verifyStored(store, folderOf(work), entry, undefined, signal)
      } catch (error) {
        if (signal.aborted || !(error instanceof QuaysideError)) throw error
        problems.push(messageOf(error))
      }
    }
  }
  await Promise.all([readOn(), readOn(), readOn()])
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  const all = `${entries.length} objects, ${bytes} bytes`
  return problems.length === 0
    ? { text: all }
    : { text: `${problems.length} of ${all}`, problems: problems.sort() }
}

/** The smallest object, opened to its end. */
async function key(work: Work): Promise<Found> {
  const { keys, store, signal } = work.spec
  if (keys === undefined)
    return { text: 'no key in hand', problems: [`there is no age key to open it with: ${howToSet()}`] }
  const [smallest] = [...objectsOf(manifestOf(work))].sort((a, b) => a.size - b.size)
  if (smallest === undefined) return { text: 'nothing to open', skipped: true }
  await verifyStored(store, folderOf(work), smallest, keys, signal)
  return { text: `${keys.origin} opens ${smallest.key}` }
}

async function server(work: Work): Promise<Found> {
  const { spec, session, scratch } = work
  const { version } = postgresOf(work)
  const here = await demandMajor(work, version)
  await onHost(
    session.connection,
    'the start of the scratch server',
    startServer(scratch, spec.server),
    spec.signal,
  )
  return { text: `PostgreSQL ${here} for a backup of ${version}` }
}

/** Throws where the image is not of the version's major one; gives the image's own. */
export async function demandMajor({ spec, session }: Work, version: string): Promise<string> {
  const { image } = spec.server
  const said = await onHost(session.connection, `the version of ${image}`, versionOf(image), spec.signal)
  const here = /PostgreSQL\) (\S+)/.exec(said)?.[1] ?? said.trim()
  if (majorOf(here) !== majorOf(version))
    throw new QuaysideError(`the backup is of PostgreSQL ${version}, and ${image} has ${here}`, {
      hint: `set postgres_image to one of PostgreSQL ${majorOf(version)} for this drill: -x postgres_image=…`,
    })
  return here
}

async function globals(work: Work): Promise<Found> {
  const { session, scratch } = work
  const source = sourceOf(work, folderOf(work))
  const { globals: entry } = postgresOf(work)
  await pour(source, entry, session.connection, applyGlobals(scratch.name), 'psql with roles and settings')
  const roles = await inDatabase(work, 'postgres', (database) =>
    database.rows(`select from pg_roles where rolname !~ '^pg_'`),
  )
  return { text: `${roles.length} roles` }
}

async function restore(work: Work): Promise<Found> {
  const { session, scratch, found, jobs, spec } = work
  const { connection } = session
  const source = sourceOf(work, folderOf(work))
  let parts = 0
  for (const [at, part] of postgresOf(work).databases.entries()) {
    await inDatabase(work, 'postgres', (database) => createDatabase(database, part))
    const files = dumpsOf(part).map((object, index) => ({ object, file: `${dumps}/${at}-${index}.dump` }))
    for (const { object, file } of files)
      await pour(source, object, connection, keep(scratch.name, file), `the dump of ${part.name}`)
    const load = (file: string, sections: readonly string[]) =>
      restoreDump(connection, scratch.name, { name: part.name, file, jobs, sections, signal: spec.signal })
    const [main = '', ...apart] = files.map(({ file }) => file)
    const restored: Restored[] = []
    if (apart.length === 0) restored.push(...(await load(main, [])))
    else {
      // Indexes and constraints last: they are of rows that are in other dumps, too.
      restored.push(...(await load(main, ['pre-data', 'data'])))
      for (const file of apart) restored.push(...(await load(file, ['data'])))
      restored.push(...(await load(main, ['post-data'])))
    }
    found.restored.set(part.name, restored)
    parts += restored.length
    for (const { file } of files)
      await onHost(connection, 'the removal of the dump', drop(scratch.name, file), spec.signal)
    await inDatabase(work, part.name, (database) => database.rows('analyze'))
  }
  const names = postgresOf(work).databases.map(({ name }) => name)
  return { text: `${names.join(', ')}: ${parts} parts by ${jobs} jobs` }
}

/** Tar archives of volumes and folders, read to their ends on the host; nothing is unpacked. */
export async function proveVolumes(work: Work): Promise<void> {
  const { session, steps } = work
  await steps.run('volumes', 'every volume can be unpacked', async () => {
    const { volumes } = manifestOf(work)
    if (volumes.length === 0) return { text: 'none in the backup', skipped: true }
    const source = sourceOf(work, folderOf(work))
    const files: string[] = []
    for (const { name, object } of volumes) {
      const count = await pour(
        source,
        object,
        session.connection,
        piped(sh`zstd -dq`, sh`tar -tf - | wc -l`),
        `the list of ${name}`,
      )
      files.push(`${name}: ${count.trim()} entries`)
    }
    return { text: files.join(', ') }
  })
}

/** As site.ts would after a restore: the inventory's passwords may be younger than the backup. */
async function setPasswords(work: Work): Promise<void> {
  await inDatabase(work, 'postgres', async (database) => {
    const rows = await database.rows<{ rolname: string }>('select rolname from pg_roles')
    for (const { name, password } of work.spec.roles) {
      if (!rows.some(({ rolname }) => rolname === name)) continue
      const { randomBytes } = await import('node:crypto')
      const verifier = literal(scramVerifier(password, randomBytes(16)).reveal())
      await database.rows(`alter role ${identifier(name)} password ${verifier}`)
    }
  })
}

export function manifestOf({ found }: Work): Manifest {
  if (found.manifest === undefined) throw new Error('the manifest was not read')
  return found.manifest
}

export function postgresOf(work: Work): PostgresPart {
  const { postgres } = manifestOf(work)
  if (postgres === undefined)
    throw new QuaysideError('the backup holds no database', { hint: 'a drill has nothing to restore in it' })
  return postgres
}

function folderOf(work: Work): string {
  return layout.backup(work.spec.plan.env, manifestOf(work).id)
}
