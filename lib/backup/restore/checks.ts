import { majorOf } from '../postgres/version.ts'
import type { Wished } from './origin.ts'

/** What a server was found to be, before anything is begun on it. */
export interface ServerFacts {
  /** "15.4" */
  readonly version: string
  /** of pg_restore in its container */
  readonly tool: string
  /** by name, the versions that can be created */
  readonly extensions: ReadonlyMap<string, readonly string[]>
  readonly roles: ReadonlySet<string>
  /** as `locale -a` prints them */
  readonly locales: readonly string[]
  /** bytes that are free where its data is */
  readonly free: number
}

export interface Demand {
  readonly databases: readonly Wished[]
  /** whether roles are restored first */
  readonly globals: boolean
}

/** A restored database is about as large as it was; its log and what indexes are sorted in take some more. */
const room = 1.3

/** Why a server cannot take databases of a server of that version: every reason, as a person may read it. */
export function serverFaults(
  origin: string | undefined,
  server: ServerFacts,
  { databases, globals }: Demand,
): readonly string[] {
  const faults: string[] = []
  if (origin !== undefined) {
    if (majorOf(server.tool) < majorOf(origin))
      faults.push(`the dump is of PostgreSQL ${origin}, which pg_restore ${server.tool} here may not read`)
    if (majorOf(server.version) < majorOf(origin))
      faults.push(`the dump is of PostgreSQL ${origin}, and the server is ${server.version}: an older one`)
  }
  const needed = databases.reduce((sum, { bytes }) => sum + bytes, 0) * room
  if (needed > server.free)
    faults.push(
      `about ${gigabytes(needed)} are needed beside what is there, and ${gigabytes(server.free)} are free`,
    )
  for (const { name, extensions, owner, collate, ctype } of databases) {
    for (const each of extensions)
      if (!server.extensions.has(each.name))
        faults.push(`${name} needs extension ${each.name} ${each.version}, which the server does not have`)
    if (!globals && !server.roles.has(owner))
      faults.push(`${name} belongs to role ${owner}, which does not exist: --globals brings roles`)
    for (const locale of new Set([collate, ctype]))
      if (!hasLocale(server.locales, locale))
        faults.push(`${name} has locale ${locale}, which the server's system does not have`)
  }
  return faults
}

/** Whether a system has a locale; "en_US.UTF-8" and "en_US.utf8" are one. */
export function hasLocale(locales: readonly string[], wanted: string): boolean {
  const plain = (text: string) => {
    const [language = '', encoding = ''] = text.split('.')
    return `${language}.${encoding.toLowerCase().replaceAll('-', '')}`
  }
  return /^(C|POSIX)(\.|$)/.test(wanted) || locales.some((each) => plain(each) === plain(wanted))
}

/** "0.5 GB" */
export function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
