import fc from 'fast-check'
import { absentLine, lineInFile } from '../../lib/resource/index.ts'
import type { Facts } from './facts.ts'
import { type Ending, obey } from './laws.ts'
import { fileMode, oddBytes, oddLine } from './odd.ts'
import { linesOf } from './patch.ts'
import { cutOn, cutPoint, type Site } from './site.ts'
import { at, type Place, place, settle, type Thing } from './standing.ts'
import { fact, pathOf } from './tree.ts'

/** Patterns that POSIX and JavaScript read alike; \r and bytes above 127 fall under none of them. */
const patterns = ['^#?Port ', '^Port 22$', 'x$', '^$', 'o', '^[a-z]+=', ' $', '(x|y)']

const nearMisses = [
  'Port 22',
  '#Port 22',
  '# Port 22',
  'Port 2222',
  ' Port 22',
  'Port 22 ',
  'Port 22\r',
  'port 22',
  'x',
  '',
  'key=1',
]
const wish = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...nearMisses.filter((line) => !line.includes('\r'))) },
  { weight: 1, arbitrary: oddLine.filter((line) => !line.includes('\r')) },
)
const someLine = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nearMisses) },
  { weight: 1, arbitrary: oddLine },
  { weight: 1, arbitrary: oddBytes.map((bytes) => bytes.replaceAll('\n', '')) },
)
const shared = fc
  .tuple(fc.array(someLine, { maxLength: 7 }), fc.boolean())
  .map(([lines, whole]) => `${lines.map(latin1).join('\n')}${whole && lines.length > 0 ? '\n' : ''}`)

/** A file of several owners, reached by its path or by a link, or something else in its place. */
const file: fc.Arbitrary<Thing> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      content: shared,
      mode: fileMode,
      owner: fc.nat({ max: 7 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'link' as const, target: 'neighbour' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'link' as const, target: 'nowhere' }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'absent' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fifo' as const }) },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'directory' as const, mode: 0o755, holds: true, owner: 0 }),
  },
)

export const lineCases = fc.record({
  where: place,
  there: file,
  line: wish,
  match: fc.option(fc.constantFrom(...patterns)),
  after: fc.option(fc.constantFrom(...patterns)),
  create: fc.boolean(),
  cut: cutPoint,
})

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

export async function lineObeys(site: Site, each: Case<typeof lineCases>): Promise<void> {
  const { where, there, line, create } = each
  const [match, after] = [each.match ?? undefined, each.after ?? undefined]
  const grove = await site.grove()
  await settle(grove, where, there, site.owners)
  const path = real(where, there)
  const edited = (content: string) => withLine(content, latin1(line), match, after)
  const start = await grove.look()
  const wanted = edited(fact(start, path, 'content') ?? '')
  await obey({
    connection: site.connection,
    resource: lineInFile(`${grove.folder}/${at(where)}`, { line, match, after, create }),
    look: grove.look,
    wrong: (facts) => {
      const is = fact(facts, path, 'content')
      return is === wanted ? undefined : `${path} holds ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`
    },
    ending: (): Ending | undefined => {
      const kind = fact(start, path, 'kind')
      if (kind === 'directory' || kind === 'other') return 'conflict'
      if (kind === undefined && !create) return 'unknown'
      if (there.kind === 'link' && kind === undefined) return 'conflict'
      return kind === undefined && site.owners[0].uid !== 0 ? 'failure' : undefined
    },
    owns: (key) => ownedLines(key, path, where, there),
    foretold: ({ summary, diff }, before) => {
      const now = fact(before, path, 'content')
      const added = `+${line}`
      if (now === undefined) return expectWords({ summary, diff }, 'create the file', added)
      const old = replaced(now, match)
      if (old === undefined) return expectWords({ summary, diff }, 'add the line', added)
      expectWords({ summary, diff }, 'replace the line', isText(old) ? `-${utf8(old)}\n${added}` : undefined)
    },
    atomic: true,
    ...cutOn(site, each.cut),
  })
}

/** What a file holds once it has the line, by the words of LineOptions. */
function withLine(content: string, line: string, match?: string, after?: string): string {
  const lines = linesOf(content)
  const last = (pattern: string | undefined) =>
    pattern === undefined ? -1 : lines.findLastIndex((each) => new RegExp(pattern).test(bare(each)))
  const exact = lines.findLastIndex((each) => bare(each) === line)
  const found = last(match)
  const own = match !== undefined && new RegExp(match).test(line)
  if (exact >= 0 && (!own || exact === found)) return content
  if (found >= 0) return lines.with(found, `${line}\n`).join('')
  const behind = last(after) >= 0 ? last(after) + 1 : lines.length
  const above = lines.slice(0, behind).join('')
  const end = above === '' || above.endsWith('\n') ? '' : '\n'
  return `${above}${end}${line}\n${lines.slice(behind).join('')}`
}

function replaced(content: string, match: string | undefined): string | undefined {
  const lines = linesOf(content)
  const hit = match === undefined ? undefined : lines.findLast((each) => new RegExp(match).test(bare(each)))
  return hit === undefined ? undefined : bare(hit)
}

/** A line, or lines that match, that shall not be. */
export const absentLineCases = fc.record({
  where: place,
  there: file,
  wish: fc.oneof(
    wish.map((line) => ({ line })),
    fc.constantFrom(...patterns).map((match) => ({ match })),
  ),
  cut: cutPoint,
})

export async function absentLineObeys(site: Site, each: Case<typeof absentLineCases>): Promise<void> {
  const { where, there } = each
  const grove = await site.grove()
  await settle(grove, where, there, site.owners)
  const path = real(where, there)
  const hit = (line: string) =>
    'line' in each.wish ? line === latin1(each.wish.line) : new RegExp(each.wish.match).test(line)
  const lines = (facts: Facts) => linesOf(fact(facts, path, 'content') ?? '')
  const start = await grove.look()
  const kept = lines(start).filter((line) => !hit(bare(line)))
  const gone = lines(start).map(bare).filter(hit)
  await obey({
    connection: site.connection,
    resource: absentLine(`${grove.folder}/${at(where)}`, each.wish),
    look: grove.look,
    wrong: (facts) => {
      const is = lines(facts).join('')
      return is === kept.join('')
        ? undefined
        : `${path} holds ${JSON.stringify(is)}, not ${JSON.stringify(kept)}`
    },
    owns: (key) => ownedLines(key, path, where, there),
    foretold: ({ summary, diff }, before) => {
      if (fact(before, path, 'content') !== fact(start, path, 'content')) return
      const words = gone.length === 1 ? 'remove the line' : `remove ${gone.length} lines`
      const shown = gone.every(isText) ? gone.map((line) => `-${utf8(line)}`).join('\n') : undefined
      expectWords({ summary, diff }, words, shown)
    },
    atomic: true,
    ...cutOn(site, each.cut),
  })
}

function expectWords(
  is: { summary: string; diff: string | undefined },
  summary: string,
  diff?: string,
): void {
  if (is.summary !== summary) throw new Error(`"${is.summary}", not "${summary}"`)
  if (diff !== undefined && is.diff !== diff) {
    throw new Error(`the diff is ${JSON.stringify(is.diff)}, not ${JSON.stringify(diff)}`)
  }
}

/** Where the lines are: a link is followed. */
function real(where: Place, there: Thing): string {
  return there.kind === 'link' ? `${where.parent}/${there.target}` : at(where)
}

/** Content, and what a new version of a file brings along; its mode and owner are not ours, but when we make it. */
function ownedLines(key: string, path: string, { parent }: Place, there: Thing): boolean {
  if (key === `${parent}: modified`) return true
  return pathOf(key) === path && (there.kind === 'absent' || /: (?:content|inode|modified)$/.test(key))
}

function bare(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

function isText(bytes: string): boolean {
  return !bytes.includes('\0') && latin1(utf8(bytes)) === bytes
}
