import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, finding } from './finding.ts'

/** Files that are written from a model, and the command that writes them. Paths are relative to the project. */
export interface WrittenFiles {
  readonly files: ReadonlyMap<string, string>
  readonly by: string
}

/** Committed files that are not what their model says: each where it first differs. */
export async function writtenFindings(root: string, written: WrittenFiles): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [file, wanted] of written.files) {
    const found = await readFile(join(root, file), 'utf8').catch(() => undefined)
    if (found === wanted) continue
    const message =
      found === undefined ? 'the file does not exist' : 'the file is not what its model says from here on'
    const line = found === undefined ? 1 : firstDifference(found, wanted)
    findings.push(
      finding('drift', { file, line, column: 1 }, message, `change the model, and then: ${written.by}`),
    )
  }
  return findings
}

/** The line, from 1, at which two texts part. */
function firstDifference(a: string, b: string): number {
  const others = b.split('\n')
  const at = a.split('\n').findIndex((line, index) => line !== others[index])
  return at === -1 ? a.split('\n').length + 1 : at + 1
}
