/** One simple command of a shell script, and where it begins in it. */
export interface Command {
  readonly text: string
  readonly index: number
}

/**
 * The commands of a script, cut at `;`, `&`, `|`, line ends, brackets and the shell's own words: near enough to know what
 * programs are called and with which words. What stands between quotes stays with its command.
 */
export function commandsOf(script: string): readonly Command[] {
  const bare = withoutQuoted(script)
  const cut = /[;&|\n(){}]+|(?<=^|\s)(?:if|then|else|elif|while|until|do|!|exec|time)(?=\s)/g
  const found: Command[] = []
  let index = 0
  const add = (end: number) => {
    const text = script.slice(index, end)
    if (text.trim() !== '') found.push({ text: text.trim(), index: index + text.search(/\S/) })
  }
  for (const match of bare.matchAll(cut)) {
    add(match.index)
    index = match.index + match[0].length
  }
  add(script.length)
  return found
}

/** Where the first pipe stands between two commands, or undefined: `||`, and `a | b)` of a `case`, are none. */
export function pipeIn(script: string): number | undefined {
  const bare = withoutQuoted(script).replaceAll(/\bcase\s[\s\S]*?\besac\b/g, (choice) =>
    choice.replaceAll(/[^;()\n]*\)/g, (pattern) => ' '.repeat(pattern.length)),
  )
  const found = bare.search(/(?<![|>])\|(?!\|)/)
  return found < 0 ? undefined : found
}

/** The script with the inside of quotes, and comments, blanked: what is left stands where it stood. */
function withoutQuoted(script: string): string {
  return script.replaceAll(/\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?<=^|\s)#[^\n]*/g, (text) =>
    text.replaceAll(/[^\n]/g, text.startsWith('\\') || text.startsWith('#') ? ' ' : '_'),
  )
}
