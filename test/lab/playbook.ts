import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { argvOf, root } from '../argv.ts'

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
  /** sent to the whole process group, as a terminal does, when a text first stands in the output, or something else is done */
  readonly signal?: {
    readonly name: NodeJS.Signals
    /** "" for at once */
    readonly after: string | Promise<unknown>
    readonly delayMs?: number
    /** the second one half a second after the first */
    readonly twice?: boolean
  }
}

/** Runs a playbook as a person does: `./zx playbooks/NAME.ts …`, or one of the tests' own by its path. */
export function playbook(
  name: string,
  args: readonly string[],
  options: PlaybookOptions = {},
): Promise<Outcome> {
  const started = performance.now()
  const [command, ...argv] = argvOf(name.includes('/') ? name : `playbooks/${name}.ts`, ...args)
  const child = spawn(command, argv, {
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
    hearSignal()
  }
  const hearSignal = () => {
    const after = options.signal?.after
    if (typeof after === 'string' && output.includes(after)) beginSignalling()
  }
  const beginSignalling = () => {
    const { signal } = options
    if (signal === undefined || signalled) return
    signalled = true
    const { delayMs = 0 } = signal
    for (const ms of signal.twice === true ? [delayMs, delayMs + 500] : [delayMs])
      setTimeout(() => send(signal.name), ms)
  }
  const send = (name: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name)
  }
  hearSignal()
  if (options.signal?.after instanceof Promise) void options.signal.after.then(beginSignalling)
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
      // As a shell tells it.
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
