import type { Play } from '../engine/play.ts'
import { knownTags, specialTags } from '../engine/tags.ts'
import { didYouMean } from '../nearest.ts'
import { type Finding, finding } from './finding.ts'
import { placeAt, type Source, withoutComments } from './sources.ts'

/** A tag as it stands in a text. */
interface Named {
  readonly word: string
  readonly source: Source
  readonly offset: number
}

/** What a role's folder, or a playbook with roles of its own, says about tags. */
interface Speaker {
  readonly name: string
  /** tags: ['…'] */
  readonly declared: readonly Named[]
  /** tagged('…', resource) */
  readonly borne: readonly Named[]
  /** some tags are computed: what is borne cannot be told from the text */
  readonly computed: boolean
}

/**
 * Tags that resources bear and their role does not declare (--tags would refuse them), tags that a role declares and
 * nothing bears (--tags would find nothing), and words after a --tags that stands in a file and that nothing knows.
 */
export function tagFindings(sources: readonly Source[], plays: readonly Play[]): readonly Finding[] {
  const code = sources.filter(({ path }) => /^(roles|playbooks)\/.*\.ts$/.test(path))
  const speakers = [...new Set(code.map(speakerOf))].map((name) =>
    speaker(
      name,
      code.filter((source) => speakerOf(source) === name),
    ),
  )
  const known = new Set([
    ...knownTags(plays),
    ...speakers.flatMap(({ name, declared }) => [roleOf(name) ?? '', ...declared.map(({ word }) => word)]),
    ...code.flatMap(({ text }) =>
      [...text.matchAll(/\brole\(\{\s*name: '([\w.-]+)'/g)].map(([, name = '']) => name),
    ),
    ...specialTags,
  ])
  return [
    ...speakers.flatMap((each) => undeclared(each, plays)),
    ...speakers.flatMap(unborne),
    ...sources.flatMap(afterFlag).flatMap(({ word, source, offset }) => {
      if (known.has(word)) return []
      const hint = didYouMean(word, known) ?? `the tags are: ${[...knownTags(plays)].join(', ')}`
      return [finding('unknown-tag', placeAt(source, offset), `nothing has the tag \`${word}\``, hint)]
    }),
  ]
}

function undeclared({ name, declared, borne }: Speaker, plays: readonly Play[]): readonly Finding[] {
  const role = roleOf(name)
  if (role === undefined && name.startsWith('roles/')) return [] // a file that roles share: each declares its own
  const roles = plays.flatMap((play) => play.roles).filter((each) => each.name === role)
  const words = [...declared.map(({ word }) => word), ...roles.flatMap(({ tags }) => tags)]
  return borne.flatMap(({ word, source, offset }) => {
    if (words.includes(word) || word === 'always' || word === 'never') return []
    const message = `--tags would refuse \`${word}\`: the role does not declare it`
    const hint = didYouMean(word, words) ?? `add it to the role: tags: [${quoted([...words, word])}]`
    return [finding('unknown-tag', placeAt(source, offset), message, hint)]
  })
}

function unborne({ name, declared, borne, computed }: Speaker): readonly Finding[] {
  if (computed || roleOf(name) === undefined) return []
  const words = borne.map(({ word }) => word)
  return declared.flatMap(({ word, source, offset }) => {
    if (words.includes(word)) return []
    const message = `no resource of the role has its tag \`${word}\``
    const hint = didYouMean(word, words) ?? `give it to some: tagged('${word}', …)`
    return [finding('unknown-tag', placeAt(source, offset), message, hint)]
  })
}

function speaker(name: string, files: readonly Source[]): Speaker {
  const declared: Named[] = []
  const borne: Named[] = []
  let computed = false
  for (const source of files) {
    const text = withoutComments(source.text)
    for (const match of text.matchAll(/\btags:\s*(?:\[([^\]]*)\])?/g))
      declared.push(...wordsIn(match[1] ?? '', source, match.index + match[0].indexOf('[') + 1))
    for (const match of text.matchAll(/\btagged\(\s*(\[[^\]]*\]|'[^']*')?/g)) {
      const [all, words] = match
      if (words === undefined || !/^['[]/.test(words)) computed = true
      else borne.push(...wordsIn(words, source, match.index + all.indexOf(words)))
    }
  }
  return { name, declared, borne, computed }
}

function wordsIn(list: string, source: Source, start: number): readonly Named[] {
  return [...list.matchAll(/'([^']*)'/g)].map((match) => ({
    word: match[1] ?? '',
    source,
    offset: start + match.index,
  }))
}

/** The words after --tags and --skip-tags, in what is run or what tells what to run; TAG and other stand-ins are none. */
function afterFlag(source: Source): readonly Named[] {
  const text = source.path.endsWith('.ts') ? withoutComments(source.text) : source.text
  const prose = source.path.endsWith('.md')
  return [...text.matchAll(/--(?:skip-)?tags(?:=| +)(["']?)([\w.,-]+)\1/g)].flatMap((match) => {
    if (prose && !isCode(text, match.index)) return []
    const [all, , list = ''] = match
    const start = match.index + all.lastIndexOf(list)
    return [...list.matchAll(/[^,]+/g)]
      .filter(([word]) => /^[a-z0-9][\w.-]*$/.test(word))
      .map((word) => ({ word: word[0], source, offset: start + word.index }))
  })
}

/** Whether a place in Markdown is code: set in by four, within a fence, or between backticks. */
function isCode(text: string, offset: number): boolean {
  const before = text.slice(0, offset)
  const line = before.slice(before.lastIndexOf('\n') + 1)
  const fences = before.match(/^```/gm)?.length ?? 0
  return line.startsWith('    ') || fences % 2 === 1 || line.split('`').length % 2 === 0
}

function speakerOf({ path }: Source): string {
  return /^roles\/[^/]+(?=\/)/.exec(path)?.[0] ?? path
}

function roleOf(speaker: string): string | undefined {
  return /^roles\/([^/.]+)$/.exec(speaker)?.[1]
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}
