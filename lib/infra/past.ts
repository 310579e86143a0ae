import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import { pipe, run } from '../command.ts'
import { messageOf, QuaysideError, UsageError } from '../error.ts'

/** A commit in which the configuration was as it shall be again. */
export interface Past {
  /** forty digits */
  readonly commit: string
  /** "a1b2c3d 2026-11-27 Two more app hosts" */
  readonly title: string
  /** absolute path of the repository */
  readonly repository: string
  /** the configuration's path in it */
  readonly path: string
}

/**
 * The commit that is named, or the one before the last that changed a folder of configuration or the modules beside it.
 * Throws a UsageError where git knows of none.
 */
export async function pastOf(folder: string, named: string | undefined): Promise<Past> {
  const git = (...words: string[]) => run(['git', '-C', folder, ...words]).then((text) => text.trim())
  const repository = await git('rev-parse', '--show-toplevel').catch((error: unknown) => {
    throw new UsageError(
      `${folder} is in no git repository: ${messageOf(error)}`,
      'rollback takes what was from git',
    )
  })
  const path = await git('rev-parse', '--show-prefix')
  const commit = named === undefined ? await before(git, folder) : await commitNamed(git, named)
  const title = await git('log', '-1', '--format=%h %cs %s', commit)
  return { commit, title, repository, path }
}

type Git = (...words: string[]) => Promise<string>

/** The one before the last that changed it: before, not the last but one, which may be on another branch. */
async function before(git: Git, folder: string): Promise<string> {
  const modules = join(folder, '../../modules')
  const paths = existsSync(modules) ? ['.', relative(folder, modules)] : ['.']
  const last = await git('log', '-1', '--format=%H', '--', ...paths)
  if (last === '')
    throw new UsageError(`git knows no commit of ${folder}`, 'rollback takes what was committed')
  return git('rev-parse', '--verify', '--end-of-options', `${last}^1^{commit}`).catch(() => {
    throw new UsageError(`${last.slice(0, 12)} was the first commit of ${folder}: there is nothing before it`)
  })
}

async function commitNamed(git: Git, named: string): Promise<string> {
  return git('rev-parse', '--verify', '--end-of-options', `${named}^{commit}`).catch(() => {
    throw new UsageError(`--to: git knows no commit ${named}`)
  })
}

/**
 * The whole repository as it was then, in a folder of its own, until the work is done; `work` is given the configuration's.
 * Files of variables that git does not know (terraform.tfvars) are today's: linked, since they may hold secrets.
 */
export async function inThePast<T>(
  { commit, path, repository }: Past,
  today: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const tree = await mkdtemp(join(tmpdir(), 'quayside-past-'))
  const remove = () => rm(tree, { recursive: true, force: true })
  try {
    await pipe(['git', '-C', repository, 'archive', '--format=tar', commit], ['tar', '-x', '-C', tree])
    const folder = join(tree, path)
    if (!existsSync(folder)) throw new UsageError(`${path} was not there in ${commit.slice(0, 12)}`)
    for (const name of await readdir(today))
      if (/\.tfvars(\.json)?$/.test(name) && !existsSync(join(folder, name)))
        await symlink(join(today, name), join(folder, name))
    return await work(folder)
  } finally {
    await remove()
  }
}

/**
 * Refuses where the state is a file in the folder itself: the folder of the past has none, and a plan there would make
 * everything a second time.
 */
export async function demandStateApart(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, 'terraform.tfstate'), 'utf8').catch(() => '{}')
  const { backend } = JSON.parse(text) as { backend?: { type?: string; config?: { path?: unknown } } }
  const path = backend?.config?.path
  const isApart =
    backend?.type !== undefined &&
    (backend.type !== 'local' || (typeof path === 'string' && isAbsolute(path)))
  if (!isApart)
    throw new QuaysideError(
      'the state is a file in the folder itself: the configuration of the past would not see it',
      {
        hint: 'bring it into a backend: docs/infrastructure.md, "The state"',
      },
    )
}
