import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'

/** Where this machine gets Debian's packages; undefined where it does not say. */
export interface Mirror {
  readonly main: string | undefined
  readonly security: string | undefined
}

export type Suite = 'bookworm' | 'trixie'

const suites = /^(?:bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)(-security)?$/

/** The first Debian archive, and the first of its security updates, that apt's source files name. */
export function findMirror(files: readonly { readonly path: string; readonly text: string }[]): Mirror {
  const entries = files.flatMap(({ path, text }) =>
    path.endsWith('.sources') ? deb822(text) : oneLine(text),
  )
  const first = (security: boolean) =>
    entries.find(({ uri, suite }) => {
      const match = suites.exec(suite)
      return /^https?:/.test(uri) && match !== null && (match[1] !== undefined) === security
    })?.uri
  return { main: first(false), security: first(true) }
}

/** Reads apt's source files of this machine; none where there is no apt. */
export async function machineMirror(): Promise<Mirror> {
  const directory = '/etc/apt/sources.list.d'
  const names = await readdir(directory).catch(() => [])
  const paths = ['/etc/apt/sources.list', ...names.sort().map((name) => join(directory, name))]
  const files = paths.filter((path) => /\.(?:list|sources)$/.test(path))
  return findMirror(
    await Promise.all(
      files.map(async (path) => ({ path, text: await readFile(path, 'utf8').catch(() => '') })),
    ),
  )
}

/** sources.list for a suite, from a mirror. */
export function sourcesList(suite: Suite, main: string, security: string | undefined): string {
  const lines = [`deb ${main} ${suite} main`, `deb ${main} ${suite}-updates main`]
  if (security) lines.push(`deb ${security} ${suite}-security main`)
  return `${lines.join('\n')}\n`
}

/** The options that decide whether apt reaches and accepts its mirror, as apt-config prints them. */
export function reachOptions(dump: string): string {
  const wanted =
    /^Acquire::(?:Check-Valid-Until|Check-Date|Retries|ForceIPv[46]|https?::(?:Proxy|Timeout|Pipeline-Depth)) "[^"]+";$/
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('')
}

/** apt's options of this machine that a host or an image build needs, too. */
export async function machineAptOptions(): Promise<string> {
  const dump = await run(['apt-config', 'dump']).catch(() => '')
  const proxy = process.env.http_proxy
  return reachOptions(dump) || (proxy ? `Acquire::http::Proxy "${proxy}";\n` : '')
}

interface Entry {
  readonly uri: string
  readonly suite: string
}

function oneLine(text: string): readonly Entry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line)
    return match?.[1] && match[2] ? [{ uri: match[1], suite: match[2] }] : []
  })
}

function deb822(text: string): readonly Entry[] {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
  return stanzas.flatMap((stanza) => {
    const field = (name: string) =>
      (new RegExp(`^${name}:((?:.|\\n[ \\t])*)`, 'im').exec(stanza)?.[1] ?? '').split(/\s+/).filter(Boolean)
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return []
    return field('URIs').flatMap((uri) => field('Suites').map((suite) => ({ uri, suite })))
  })
}
