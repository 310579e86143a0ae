import { readdir, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { glob, listed } from './pattern.ts'

/** A part of an ssh_config that may change how a host is reached. */
export interface Section {
  /** for which hosts; undefined for a Match, whose conditions only ssh itself can judge */
  readonly patterns: readonly string[] | undefined
}

/** The keywords that we take from ssh_config; what else stands there is no reason to ask ssh. */
const ours = new Set([
  'canonicalizehostname',
  'connecttimeout',
  'forwardagent',
  'globalknownhostsfile',
  'hostkeyalias',
  'hostname',
  'identitiesonly',
  'identityagent',
  'identityfile',
  'port',
  'proxycommand',
  'proxyjump',
  'serveralivecountmax',
  'serveraliveinterval',
  'user',
  'userknownhostsfile',
])

/**
 * The sections of the user's and the system's ssh_config that hold a keyword of ours. It is read to know for which
 * hosts ssh must be asked, and never to learn a value: a process for each host costs more than its connection does.
 */
export async function ownSections(): Promise<readonly Section[]> {
  // ssh goes by the account's home folder, whatever HOME says.
  const home = userInfo().homedir
  const files = [
    { file: join(home, '.ssh', 'config'), base: join(home, '.ssh') },
    { file: '/etc/ssh/ssh_config', base: '/etc/ssh' },
  ]
  return (await Promise.all(files.map(({ file, base }) => sectionsOf(file, base, home)))).flat()
}

/** The sections of one file and of what it includes; relative paths there start at `base`. */
export async function sectionsOf(file: string, base: string, home: string, depth = 0): Promise<Section[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const sections: Section[] = []
  let patterns: readonly string[] | undefined = ['*']
  for (const line of text.split('\n')) {
    const [keyword = '', ...rest] = line.trim().split(/[\s=]+/)
    const words = rest.map((word) => word.replaceAll('"', ''))
    const name = keyword.toLowerCase()
    if (name === 'host') patterns = words.map((word) => word.toLowerCase())
    else if (name === 'match') patterns = words[0]?.toLowerCase() === 'all' ? ['*'] : undefined
    else if (name === 'include' && depth < 16) {
      for (const word of words) {
        const path = word.startsWith('~/') ? join(home, word.slice(2)) : word
        for (const each of await expand(isAbsolute(path) ? path : join(base, path)))
          sections.push(...(await sectionsOf(each, base, home, depth + 1)))
      }
    } else if (ours.has(name)) sections.push({ patterns })
  }
  return sections
}

/** Whether a section may speak of a host. */
export function speaksOf(sections: readonly Section[], host: string): boolean {
  return sections.some(({ patterns }) => patterns === undefined || listed(patterns, host.toLowerCase()))
}

/** The files that a path with wildcards in its last part means. */
async function expand(path: string): Promise<readonly string[]> {
  if (!/[*?]/.test(path)) return [path]
  const names = await readdir(dirname(path)).catch(() => [])
  return names.filter((name) => glob(basename(path), name)).map((name) => join(dirname(path), name))
}
