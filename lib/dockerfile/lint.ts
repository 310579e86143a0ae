import { imageProblems } from './image.ts'
import { instructionProblems } from './instructions.ts'
import { parseDockerfile } from './parse.ts'
import { referenceProblems } from './references.ts'
import type { Problem } from './rules.ts'
import { runProblems } from './run.ts'
import { dockerfileOf } from './stages.ts'

/** What is wrong with a Dockerfile, in the order of its text. */
export function lintDockerfile(text: string): readonly Problem[] {
  const file = dockerfileOf(parseDockerfile(text))
  return [
    ...instructionProblems(file),
    ...referenceProblems(file),
    ...imageProblems(file),
    ...runProblems(file),
  ].sort((a, b) => a.offset - b.offset)
}
