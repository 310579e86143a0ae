import { run } from '../command.ts'
import type { Tool } from './tool.ts'

/** One stack of Compose: which files, under which name, with which variables. */
export interface Project {
  readonly tool: Tool
  readonly name: string
  readonly files: readonly string[]
  /** a dotenv file of settings; none if it is left out */
  readonly envFile?: string
  /** what the files' variables are, over those of the dotenv file */
  readonly variables: Readonly<Record<string, string>>
}

/** The command that does something with a project. */
export function composeCommand(project: Project, ...words: readonly string[]): readonly string[] {
  const { envFile, files, name, tool } = project
  return [
    ...tool.words,
    ...['--project-name', name, '--ansi', 'never'],
    ...(envFile === undefined ? [] : ['--env-file', envFile]),
    ...files.flatMap((file) => ['--file', file]),
    ...words,
  ]
}

/** What a command of Compose prints on standard output; throws a CommandError, which says what went wrong. */
export function compose(
  project: Project,
  words: readonly string[],
  options: { onLine?: (line: string) => void; timeout?: number } = {},
): Promise<string> {
  return run(composeCommand(project, ...words), { ...options, env: { ...project.variables } })
}
