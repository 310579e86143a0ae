import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** both, as a person saw them */
  readonly output: string
  readonly ms: number
  /** milliseconds from the start until this first stood in the output */
  said(text: string): number | undefined
}

export interface PlaybookOptions {
  readonly env?: NodeJS.ProcessEnv
  /** told each piece of output as it comes */
  readonly onOutput?: (text: string) => void
  /** sent to the whole process group, as a terminal does, when a text first stands in the output */
  readonly signal?: { readonly name: NodeJS.Signals; readonly after: string }
}

/** Runs a playbook as a person does: `npx zx playbooks/NAME.ts …`. */
export function playbook(
  name: string,
  args: readonly string[],
  options: PlaybookOptions = {},
): Promise<Outcome> {
  const started = performance.now()
  const child = spawn('npx', ['zx', `playbooks/${name}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, ...options.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.signal !== undefined,
  })
  let [stdout, stderr, output] = ['', '', '']
  let signalled = false
  const times: { upTo: number; ms: number }[] = []
  const hear = (text: string) => {
    output += text
    times.push({ upTo: output.length, ms: performance.now() - started })
    options.onOutput?.(text)
    if (
      options.signal !== undefined &&
      child.pid !== undefined &&
      !signalled &&
      output.includes(options.signal.after)
    ) {
      signalled = true
      process.kill(-child.pid, options.signal.name)
    }
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    hear(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    hear(text)
  })
  const said = (text: string) => {
    const at = output.indexOf(text)
    return at < 0 ? undefined : times.find(({ upTo }) => upTo > at)?.ms
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (ended, signal) => {
      // As a shell tells it: npx ends with the signal itself.
      const code = ended ?? 128 + constants.signals[signal ?? 'SIGKILL']
      resolve({ code, stdout, stderr, output, ms: performance.now() - started, said })
    })
  })
}

/** The same, in the lab. */
export function inLab(
  name: string,
  args: readonly string[] = [],
  options: PlaybookOptions = {},
): Promise<Outcome> {
  return playbook(name, ['--env', 'lab', ...args], options)
}
