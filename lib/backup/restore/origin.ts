import { Readable } from 'node:stream'
import type { Server } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'
import type { ObjectEntry } from '../manifest.ts'
import type { Catalog } from '../postgres/catalog.ts'
import { dumpHeadScript, dumpScript, globalsScript } from '../postgres/dump.ts'
import type { TableName } from '../postgres/share-out.ts'
import { openSealed } from '../sealed.ts'
import type { Source, Tools } from './tools.ts'

/** A database as it is to be again. */
export type Wished = Catalog & { readonly name: string }

/** How something is written to the standard output of the host that restores it, compressed by zstd. */
export interface Written {
  readonly script: Script
  /** what that script reads */
  input(): Promise<Readable>
}

/** A dump of the rows of some tables alone. */
export interface Apart {
  readonly tables: readonly TableName[]
  readonly dump: Written
}

/** more than keepHead ever reads */
const headBytes = 167_772_160

/** What databases are restored from: a backup, or a server that was recovered to some time. */
export interface Origin {
  /** as a person may read it: "backup 20261125T101500Z-3f9a1c" */
  readonly title: string
  /** what stands in marks; its last six characters in the names of databases */
  readonly id: string
  /** of the server: "15.4"; undefined where there are no databases */
  readonly version: string | undefined
  /** the environment that it is of */
  readonly env: string
  /** in pg_dump's own form, the same each time */
  dump(database: string): Written
  /** the rows of tables which that dump lacks, in dumps of their own */
  apart(database: string): readonly Apart[]
  /** its first 160 MB or more: who reads them may stop earlier */
  head(database: string): Written
  /** roles, as pg_dumpall writes them */
  globals(): Written
}

/** A backup: its objects come from the store through this process, which decrypts them, and compressed as they are to the host. */
export function backupOrigin(tools: Tools, { manifest, folder }: Source): Origin {
  const { id, env, postgres } = manifest
  const opened = (object: ObjectEntry | undefined): Written => ({
    script: sh`cat`,
    input: () => {
      if (object === undefined) throw new TypeError(`backup ${id} does not have it`)
      return openSealed(tools.store, folder, object, tools.keys, tools.signal)
    },
  })
  const partOf = (name: string) => postgres?.databases.find((each) => each.name === name)
  return {
    title: `backup ${id}`,
    id,
    version: postgres?.version,
    env,
    dump: (name) => opened(partOf(name)?.object),
    apart: (name) =>
      (partOf(name)?.apart ?? []).map(({ object, tables }) => ({
        tables,
        dump: opened(object),
      })),
    head: (name) => opened(partOf(name)?.object),
    globals: () => opened(postgres?.globals),
  }
}

/**
 * A server on the host that restores, which nobody writes to: what its pg_dump writes goes from container to container,
 * and is never on a disk, nor on another machine.
 */
export function serverOrigin(
  { container }: Server,
  about: Pick<Origin, 'title' | 'id' | 'version' | 'env'>,
): Origin {
  const spoken = (script: Script): Written => ({ script, input: async () => Readable.from([]) })
  return {
    ...about,
    dump: (name) => spoken(dumpScript(container, name)),
    apart: () => [],
    head: (name) => spoken(dumpHeadScript(container, name, headBytes)),
    globals: () => spoken(globalsScript(container)),
  }
}
