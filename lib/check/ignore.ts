import { didYouMean } from '../nearest.ts'
import { type Finding, finding, ignorable, type Kind, kinds } from './finding.ts'
import type { Source } from './sources.ts'

/** A comment that says: this one finding is meant to be. `# check: ignore unpinned-image — the vendor has no other` */
interface Ignore {
  readonly file: string
  readonly line: number
  readonly column: number
  /** the line that it speaks of: its own, or where it stands alone the next that is no such comment */
  readonly about: number
  readonly kind: string
  readonly reason: string
}

const comment = /(?:#|\/\/)\s*check:\s*ignore\b[ \t]*([\w-]*)[ \t]*(?:[—–:]|--?)?[ \t]*(.*)$/

/**
 * What is left of the findings, and what is wrong with the comments: a kind that is none, no reason, or (`whole`: all
 * was looked for) nothing there to ignore.
 */
export function withoutIgnored(
  findings: readonly Finding[],
  sources: readonly Source[],
  whole: boolean,
): readonly Finding[] {
  const used = new Set<Ignore>()
  const ignores = sources
    .filter(({ path }) => /^(inventory|playbooks|roles|stack|compose|docker|\.ci)\//.test(path))
    .flatMap(ignoresIn)
  const left = findings.filter((each) => {
    const ignore = ignores.find((one) => isMeant(one, each))
    if (ignore !== undefined) used.add(ignore)
    return ignore === undefined
  })
  const wrong = ignores.flatMap((each) => faultOf(each, whole && !used.has(each)) ?? [])
  return [...left, ...wrong]
}

function isMeant({ file, about, kind, reason }: Ignore, of: Finding): boolean {
  return of.kind === kind && of.file === file && of.line === about && reason !== '' && isIgnorable(kind)
}

function isIgnorable(kind: string): kind is Kind {
  return ignorable.some((each) => each === kind)
}

function faultOf(ignore: Ignore, idle: boolean): Finding | undefined {
  const { kind, reason } = ignore
  const tell = (message: string, hint: string) => finding('ignore', ignore, message, hint)
  if (!isIgnorable(kind)) {
    const message = kinds.some((each) => each === kind)
      ? `\`${kind}\` cannot be ignored`
      : kind === ''
        ? 'ignore what?'
        : `there is no finding \`${kind}\``
    return tell(message, didYouMean(kind, ignorable) ?? `one of ${ignorable.join(', ')}`)
  }
  if (reason === '') return tell('say why', `check: ignore ${kind} — the reason`)
  return idle ? tell(`there is no \`${kind}\` here to ignore`, 'delete the comment') : undefined
}

function ignoresIn({ shown, text }: Source): readonly Ignore[] {
  const lines = text.split('\n')
  return lines.flatMap((content, index) => {
    const match = comment.exec(content)
    if (match === null) return []
    const [, kind = '', reason = ''] = match
    const alone = content.slice(0, match.index).trim() === ''
    let about = index
    if (alone) while (comment.test(lines[about] ?? '')) about += 1
    return [
      {
        file: shown,
        line: index + 1,
        column: match.index + 1,
        about: about + 1,
        kind,
        reason: reason.trim(),
      },
    ]
  })
}
