/** A flag of an instruction: `--from=build`; one without a value has "". */
export interface Flag {
  readonly name: string
  readonly value: string
  readonly offset: number
}

/** One instruction, with all that belongs to it. Offsets are into the file's text. */
export interface Instruction {
  /** in capitals, however it is written */
  readonly keyword: string
  readonly offset: number
  readonly flags: readonly Flag[]
  /**
   * What follows keyword and flags, as long as in the file: line ends that are continued and comments between them are
   * blanks here, so that what stands at an index stands in the file at `argumentsOffset` + index.
   */
  readonly arguments: string
  readonly argumentsOffset: number
  readonly heredocs: readonly Heredoc[]
}

export interface Heredoc {
  readonly name: string
  readonly text: string
  readonly offset: number
}

/**
 * The instructions of a Dockerfile, in order, by the rules of BuildKit's parser: continued lines, comments between them,
 * here-documents, and the directive that names another escape character. It never fails: what is no instruction comes
 * back as one whose keyword nobody knows.
 */
export function parseDockerfile(text: string): readonly Instruction[] {
  const mark = escapeOf(text)
  const lines = linesOf(text)
  const found: Instruction[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const first = lines[at]
    if (first === undefined || isBlank(first.text) || isComment(first.text)) continue
    let raw = ''
    for (;;) {
      const line = lines[at]?.text ?? ''
      // A comment, or an empty line, does not end what is continued.
      const skipped = raw !== '' && (isComment(line) || isBlank(line))
      const continued = skipped || isContinued(line, mark)
      raw += skipped ? line.replaceAll(/[^\r]/g, ' ') : continued ? line.replace(/\S(\s*)$/, ' $1') : line
      if (!continued || at + 1 >= lines.length) break
      raw += ' '
      at += 1
    }
    const heredocs: Heredoc[] = []
    for (const { name, indented } of markers(raw)) {
      const begin = lines[at + 1]?.offset ?? text.length
      let end = at + 1
      while (end < lines.length && !isEnd(lines[end]?.text ?? '', name, indented)) end += 1
      const stop = lines[end]?.offset ?? text.length
      heredocs.push({ name, text: text.slice(begin, stop), offset: begin })
      at = end
    }
    found.push(instruction(raw, first.offset, heredocs))
  }
  return found
}

function instruction(raw: string, offset: number, heredocs: readonly Heredoc[]): Instruction {
  const [head = '', blank = '', keyword = ''] = /^(\s*)(\S+)/.exec(raw) ?? []
  const flags: Flag[] = []
  let at = head.length
  for (;;) {
    const [all, space = '', name, value = ''] =
      /^(\s+)--([\w-]+)(?:=((?:"[^"]*"|\S)*))?/.exec(raw.slice(at)) ?? []
    if (all === undefined || name === undefined) break
    flags.push({ name, value: value.replaceAll('"', ''), offset: offset + at + space.length })
    at += all.length
  }
  at += /^\s*/.exec(raw.slice(at))?.[0].length ?? 0
  return {
    keyword: keyword.toUpperCase(),
    offset: offset + blank.length,
    flags,
    arguments: raw.slice(at).trimEnd(),
    argumentsOffset: offset + at,
    heredocs,
  }
}

/** `# escape=\`` among the directives that a file may begin with; a backslash unless told. */
function escapeOf(text: string): string {
  for (const line of text.split('\n')) {
    const [, name, value] = /^#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? []
    if (name === undefined) break
    if (name.toLowerCase() === 'escape' && value === '`') return '`'
  }
  return '\\'
}

interface Line {
  readonly text: string
  readonly offset: number
}

function linesOf(text: string): readonly Line[] {
  let offset = 0
  return text.split('\n').map((line) => {
    const here = { text: line, offset }
    offset += line.length + 1
    return here
  })
}

const isBlank = (line: string): boolean => line.trim() === ''
const isComment = (line: string): boolean => /^\s*#/.test(line)
const isContinued = (line: string, mark: string): boolean => line.trimEnd().endsWith(mark)

/** The here-documents that a line opens: `<<EOF`, `<<-EOF`, `<<"EOF"`. `<<<` is the shell's own, and opens none. */
function markers(line: string): readonly { name: string; indented: boolean }[] {
  if (!/^\s*(RUN|COPY|ADD|ONBUILD)\s/i.test(line)) return []
  return [...line.matchAll(/(?<![<\w])\d?<<(-?)(["']?)([A-Za-z_]\w*)\2/g)].map(([, dash, , name = '']) => ({
    name,
    indented: dash === '-',
  }))
}

function isEnd(line: string, name: string, indented: boolean): boolean {
  return (indented ? line.replace(/^\t+/, '') : line).trimEnd() === name
}
