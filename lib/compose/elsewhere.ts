import { dirname, resolve } from 'node:path'
import { run } from '../command.ts'
import { QuaysideError } from '../error.ts'
import type { Project } from './project.ts'

/** Throws when a project of this name runs from another folder: Compose would take that one's containers for its own. */
export async function refuseElsewhere(project: Project): Promise<void> {
  const { files, name, tool } = project
  const said = await run([...tool.words, 'ls', '--all', '--format', 'json'])
  const here = resolve(dirname(files[0] ?? '.'))
  const there = folderOf(JSON.parse(said) as Listed, name)
  if (there === undefined || there === here) return
  throw new QuaysideError(`${name} is already there, from ${there}`, {
    hint: 'end that one, or give this one a name of its own: COMPOSE_PROJECT_NAME=…',
  })
}

type Listed = readonly { readonly Name: string; readonly ConfigFiles: string }[]

/** The folder that a project's first file is in; undefined where there is no such project. */
export function folderOf(listed: Listed, name: string): string | undefined {
  const [file] = listed.find((each) => each.Name === name)?.ConfigFiles.split(',') ?? []
  return file === undefined || file === '' ? undefined : dirname(file)
}
