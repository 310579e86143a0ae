import { execFile } from 'node:child_process'
import { askHttps } from '../../compose/https.ts'
import { composeCommand, type Project } from '../../compose/project.ts'
import type { Running } from '../../stack/check.ts'

/** A project that is up, as checks see it: `port` is where its site answers on this machine, `ca` whom it is signed by. */
export function running(project: Project, site: { readonly port: number; readonly ca: string }): Running {
  return {
    ask: (path, asked) => askHttps(site, path, asked),
    inside: (service, words) =>
      new Promise((resolve) => {
        const [program = '', ...rest] = composeCommand(project, 'exec', '-T', service, ...words)
        const options = { timeout: 30_000, env: { ...process.env, ...project.variables } }
        execFile(program, rest, options, (error, stdout, stderr) =>
          resolve({ ok: error === null, text: `${stdout}${stderr}`.trim() }),
        )
      }),
  }
}
