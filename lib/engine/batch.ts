import { randomBytes } from 'node:crypto'
import type { Result } from '../connection/connection.ts'
import type { Probed } from '../resource/resource.ts'
import { raw, Script } from '../script/index.ts'

/** Many scripts that travel as one, and a reader that tells their results apart again. */
export interface Batch {
  readonly script: Script
  /** One result a script, in order; fewer where a gate closed. */
  read(result: Result): readonly Probed[]
}

/**
 * Puts scripts into one: each in a subshell of its own, with no standard input, its end marked on both outputs.
 * With `gate`, the first script must succeed, or the others are not run.
 */
export function batch(scripts: readonly Script[], options: { gate?: boolean } = {}): Batch {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  const end = `code=$?; printf '\\n%s %s\\n' ${mark} $code; printf '\\n%s %s\\n' ${mark} $code >&2\n`
  const parts = scripts.flatMap((script, index) => [
    raw('(\n'),
    script,
    raw(`\n) </dev/null\n${end}`),
    ...(options.gate === true && index === 0 ? [raw('[ $code = 0 ] || exit 0\n')] : []),
  ])
  return {
    script: new Script(parts.flatMap((part) => [...part.parts])),
    read: ({ stdout, stderr }) => {
      const out = split(stdout, mark)
      const err = split(stderr, mark)
      return out.map((piece, index) => ({ ...piece, stdout: piece.text, stderr: err[index]?.text ?? '' }))
    },
  }
}

function split(output: string, mark: string): { text: string; code: number }[] {
  const pieces: { text: string; code: number }[] = []
  let from = 0
  for (const match of output.matchAll(new RegExp(`\\n${mark} (\\d+)\\n`, 'g'))) {
    pieces.push({ text: output.slice(from, match.index), code: Number(match[1]) })
    from = match.index + match[0].length
  }
  return pieces
}
