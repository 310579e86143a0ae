import { run } from './command.ts'

/**
 * Build arguments that say what an image is made from: its revision, and the time of that, which is what its files and its
 * history are dated with. By the last commit that touched the folder, so that the same sources are the same image. None
 * where git does not know the folder.
 */
export async function provenanceOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const git = (...words: readonly string[]) => run(['git', '-C', folder, ...words], { timeout: 10_000 })
  try {
    const [revision = '', seconds = ''] = (await git('log', '-1', '--format=%H %ct', '--', '.'))
      .trim()
      .split(' ')
    if (!/^\d+$/.test(seconds)) return {}
    const changed = (await git('status', '--porcelain', '--', '.')).trim() !== ''
    return {
      SOURCE_DATE_EPOCH: seconds,
      REVISION: changed ? `${revision}-dirty` : revision,
      CREATED: new Date(Number(seconds) * 1000).toISOString().replace('.000', ''),
    }
  } catch {
    return {}
  }
}
