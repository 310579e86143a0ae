import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, Running } from '../../connection/index.ts'
import { QuaysideError } from '../../error.ts'
import type { Server } from '../../postgres/database.ts'
import { type Base, baseFolder } from '../base/base.ts'
import { openSealed } from '../sealed.ts'
import { type WalArchive, walKey } from '../wal/archive.ts'
import { readSealed } from '../wal/read.ts'
import type { RecoveryTime } from './choose.ts'
import { type Foreseen, foresee, type RecoverySource } from './foresee.ts'
import {
  lookAt,
  newScratch,
  removeScratch,
  type Scratch,
  scratchLabel,
  serverOf,
  startRecovery,
  unpackBase,
  unpackLog,
  verifyBase,
} from './scratch.ts'

export interface RecoveryOptions extends RecoverySource {
  /** of the host that the scratch server is to run on; it needs Docker, zstd, and room for the whole server */
  readonly connection: Connection
  /** PostgreSQL of the same major version, with the extensions that are used */
  readonly image: string
  readonly to: RecoveryTime
  /** NAME=VALUE: what marks all that is made on the host; scratchLabel unless told */
  readonly label?: string
  readonly signal?: AbortSignal
  /** told what is done, as a person may read it */
  readonly tell?: (text: string) => void
}

/** A server as it was at some time, in a container of its own. */
export interface Recovered {
  readonly server: Server
  /** the container and the volume that it is in */
  readonly scratch: Scratch
  readonly base: Base
  /** when the last transaction that it has was committed, in UTC; undefined where none has been since the base backup */
  readonly reached: string | undefined
  /** false where the archive ends before the time that was asked for: what came later, if anything, is in no archive */
  readonly whole: boolean
  /** container, volume and all; must be called */
  remove(): Promise<void>
}

/**
 * Recovers a server to a time, or as far as its archived log goes: the newest base backup of before then, checked, and
 * the log played onto it in a scratch container without a network. The private key never leaves this process. Nothing of
 * a live server is touched.
 */
export async function recoverTo(options: RecoveryOptions): Promise<Recovered> {
  const { connection, image, to, label = scratchLabel, tell = () => {} } = options
  const foreseen = await foresee(options, to)
  const { base, parts, archive, chain, first } = foreseen
  const upon = parts.length === 1 ? '' : `, incremental, with the ${parts.length - 1} that it needs`
  tell(`base backup ${base.id} of ${base.endedAt}${upon}, and ${first} segments of the log`)
  const bytes = roomFor(parts) + (first + 4) * base.segmentBytes
  const scratch = await newScratch(connection, { image, label }, bytes)
  try {
    for (const [index, part] of parts.entries())
      await unpack(scratch, options, part, parts.length > 1 ? index : undefined)
    const histories = [...archive.files.keys()].filter((name) => name.endsWith('.history'))
    const files = await unpackFiles(scratch, options, archive, [
      ...histories,
      ...chain.segments.slice(0, first),
    ])
    tell(`${files} files of the log are on ${connection.name}; checking the base backup`)
    await verifyBase(scratch, parts.length)
    const { reached, whole } = await play(scratch, options, foreseen)
    tell(`recovered up to ${reached ?? `the base backup's end`}`)
    return { server: serverOf(scratch), scratch, base, reached, whole, remove: () => removeScratch(scratch) }
  } catch (error) {
    await removeScratch(scratch).catch(() => {})
    throw error
  }
}

/** Plays the log: what is surely needed, then all that there is, and then without a target. */
async function play(
  scratch: Scratch,
  options: RecoveryOptions,
  { base, archive, chain, first }: Foreseen,
): Promise<{ reached: string | undefined; whole: boolean }> {
  const { to, tell = () => {} } = options
  const target = to === 'latest' ? undefined : to
  await startRecovery(scratch, chain.timeline, target)
  let ended = await untilPlayed(scratch, options.signal)
  const rest = chain.segments.slice(first)
  if (ended.kind === 'short' && rest.length > 0) {
    tell(`the log goes on: ${rest.length} more segments`)
    await unpackFiles(scratch, options, archive, rest)
    await startRecovery(scratch, chain.timeline, target)
    ended = await untilPlayed(scratch, options.signal)
  }
  if (ended.kind === 'up') return { reached: ended.reached, whole: true }
  const [gap] = chain.gaps
  if (gap !== undefined && target !== undefined)
    throw new QuaysideError(
      `recovery from base backup ${base.id} ends at ${gap.first}, which is missing in ${options.store.name}, before ${target.toISOString()}`,
      {
        hint: 'go to an earlier time, or to one after the next base backup: backup.ts wal shows what can be had',
      },
    )
  // Nothing was archived that is later: this is the state of then, as far as anybody can know.
  await startRecovery(scratch, chain.timeline, undefined)
  ended = await untilPlayed(scratch, options.signal)
  if (ended.kind !== 'up') throw new QuaysideError('the recovered server did not come up')
  return { reached: ended.reached, whole: false }
}

async function untilPlayed(
  scratch: Scratch,
  signal: AbortSignal | undefined,
): Promise<{ kind: 'short' } | { kind: 'up'; reached: string | undefined }> {
  for (;;) {
    signal?.throwIfAborted()
    const standing = await lookAt(scratch)
    if (standing.kind === 'short' || standing.kind === 'up') return standing
    if (standing.kind === 'ended')
      throw new QuaysideError(
        `${scratch.connection.name}: the recovery failed: ${standing.said.split('\n').slice(-8).join('\n')}`,
        { hint: 'its base backup or its log does not fit; backup.ts wal shows what there is' },
      )
    await pause(500)
  }
}

/** Bytes of disk for a base backup: what it is put together from lies beside it until that is done. */
export function roomFor(parts: readonly Base[]): number {
  const whole = parts.at(-1)?.bytes ?? 0
  if (parts.length === 1) return whole
  return parts.reduce((sum, { bytes, incrementBytes = bytes }) => sum + incrementBytes, whole)
}

/** As the server's data, or as the part of it with that number. */
async function unpack(
  scratch: Scratch,
  options: RecoveryOptions,
  base: Base,
  number: number | undefined,
): Promise<void> {
  const { store, env, keys, signal } = options
  const body = await openSealed(store, baseFolder(env, base.id), base.object, keys, signal)
  await into(
    scratch,
    'unpack the base backup',
    options,
    (running) => pipeline(body, running.stdin),
    unpackBase(scratch, number),
  )
}

/** Gives how many files those were. */
async function unpackFiles(
  scratch: Scratch,
  options: RecoveryOptions,
  { system }: WalArchive,
  names: readonly string[],
): Promise<number> {
  const { store, env, keys, signal } = options
  async function* bytes(): AsyncGenerator<Buffer> {
    for (const name of names) {
      const body = await readSealed(store, walKey(env, system, name), keys, signal)
      yield Buffer.from(`${name} ${body.length} ${name.includes('.') ? 'plain' : 'zst'}\n`)
      yield body
    }
  }
  await into(
    scratch,
    'unpack the log',
    options,
    (running) => pipeline(bytes, running.stdin),
    unpackLog(scratch),
  )
  return names.length
}

/** Runs a script that reads what `feed` writes; its own words, where it failed, tell more than a broken pipe's. */
async function into(
  { connection }: Scratch,
  title: string,
  { signal }: RecoveryOptions,
  feed: (running: Running) => Promise<void>,
  script: Parameters<Connection['start']>[0],
): Promise<void> {
  const running = await connection.start(script, { title, ...(signal === undefined ? {} : { signal }) })
  const printed = running.stdout.resume()
  let failure: unknown
  await feed(running).catch((error: unknown) => {
    failure = error
  })
  if (failure !== undefined)
    await Promise.race([running.ended.catch(() => {}), pause(2000)]).then(() => running.kill())
  const { code, stderr } = await running.ended.catch((error: unknown) => {
    throw failure ?? error
  })
  printed.destroy()
  if (code !== 0 && stderr.trim() !== '')
    throw new QuaysideError(`${connection.name}: could not ${title}: ${stderr.trim()}`, { cause: failure })
  if (failure !== undefined) throw failure
}
