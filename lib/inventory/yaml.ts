import { readFile } from 'node:fs/promises'
import { type Document, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { type Faults, type Place, shownPath } from './fault.ts'

/** One parsed YAML file that knows where each of its nodes stands. */
export class YamlFile {
  readonly path: string
  readonly document: Document.Parsed
  readonly #lines: LineCounter

  constructor(path: string, document: Document.Parsed, lines: LineCounter) {
    this.path = path
    this.document = document
    this.#lines = lines
  }

  get start(): Place {
    return { file: shownPath(this.path), line: 1, column: 1 }
  }

  placeOf(node: Node): Place {
    return node.range ? this.placeAt(node.range[0]) : this.start
  }

  placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { file: shownPath(this.path), line, column: col }
  }
}

/** Reads a YAML 1.2 file; undefined, and faults with positions, when its syntax is wrong or a key stands twice. */
export async function readYaml(path: string, faults: Faults): Promise<YamlFile | undefined> {
  const source = await readFile(path, 'utf8')
  return parseYaml(source, faults, (document, lines) => new YamlFile(path, document, lines))
}

/** The same of a text; `fileOf` says where its nodes stand. */
export function parseYaml(
  source: string,
  faults: Faults,
  fileOf: (document: Document.Parsed, lines: LineCounter) => YamlFile,
): YamlFile | undefined {
  const lineCounter = new LineCounter()
  const document = parseDocument(source, { lineCounter, prettyErrors: false })
  const file = fileOf(document, lineCounter)
  const problems = [...document.errors, ...document.warnings]
  for (const problem of problems) {
    const told = tell(problem, source)
    faults.add(file.placeAt(told.offset), told.message, told.hint)
  }
  return problems.length === 0 ? file : undefined
}

function tell(problem: YAMLError, source: string): { offset: number; message: string; hint?: string } {
  const [offset] = problem.pos
  if (problem.code === 'DUPLICATE_KEY') {
    // After a key without a value, the parser points at the end of that one's line.
    const start = offset + (/^(\s|#.*)*/.exec(source.slice(offset))?.[0].length ?? 0)
    const key = /^[^\s:]+/.exec(source.slice(start))?.[0] ?? ''
    const hint = 'keep one of the two: YAML would silently drop the other'
    return { offset: start, message: `\`${key}\` is given twice`, hint }
  }
  if (problem.code === 'TAG_RESOLVE_FAILED') {
    const tag = /^!\S*/.exec(source.slice(offset))?.[0] ?? ''
    const hint =
      'a secret is a source: from_age, from_env, from_file, from_command, generate, local_ca or private_ca'
    return { offset, message: `the tag ${tag} has no meaning here`, hint }
  }
  const message = `YAML: ${problem.message.charAt(0).toLowerCase()}${problem.message.slice(1)}`
  const line = source.slice(source.lastIndexOf('\n', offset - 1) + 1).split('\n')[0] ?? ''
  // An unquoted {state} opens a mapping, and the parser's complaint about that helps nobody.
  return /:\s*\{state\}/.test(line)
    ? { offset, message, hint: "quote the path: '{state}/…'" }
    : { offset, message }
}
