import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a command printed, and the code that it ended with. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a playbook as a person types it after npx zx: "playbooks/site.ts --env lab --list-hosts". */
export function commandLine(
  words: string,
  {
    root = fileURLToPath(new URL('..', import.meta.url)),
    env = {},
  }: { root?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Said> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env } }
    execFile(join(root, 'zx'), words.split(' '), options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}
