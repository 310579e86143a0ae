import { type RunOptions, run } from '../command.ts'

/** Runs the docker command of this machine and returns what it prints. */
export function docker(args: readonly string[], options?: RunOptions): Promise<string> {
  return run(['docker', ...args], options)
}

/** The lines of what docker prints, none for nothing. */
export async function dockerLines(args: readonly string[]): Promise<readonly string[]> {
  return (await docker(args)).split('\n').filter((line) => line !== '')
}

export async function imageExists(reference: string): Promise<boolean> {
  return (await dockerLines(['image', 'ls', '--quiet', reference])).length > 0
}
