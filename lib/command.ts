import { type SpawnOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { QuaysideError } from './error.ts'

/** A command of this machine that failed: what ran, how it ended, and the end of what it said. */
export class CommandError extends QuaysideError {
  readonly command: string
  readonly status: number | string
  readonly stderr: string

  constructor(command: string, status: number | string, stderr: string) {
    const said = stderr.trim().split('\n').slice(-15).join('\n')
    super(`${command}: ${typeof status === 'number' ? `exit ${status}` : status}${said && `\n${said}`}`)
    this.command = command
    this.status = status
    this.stderr = stderr
  }
}

export interface RunOptions {
  /** Fed to standard input, which is otherwise empty. */
  readonly input?: string | Readable
  /** Called with each line of standard output and error as it comes. */
  readonly onLine?: (line: string) => void
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds after which the command is killed. */
  readonly timeout?: number
}

/** Runs a command without a shell and returns its standard output; throws a CommandError if it fails. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, onLine, timeout } = options
  const child = start(command, ['pipe', 'pipe', 'pipe'], {
    ...(options.env && { env: { ...process.env, ...options.env } }),
    ...(timeout !== undefined && { timeout, killSignal: 'SIGKILL' }),
  })
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) throw new CommandError(words(command), 'has no pipes', '')
  const ended = end(child)
  const [out, err] = [text(stdout, onLine), text(stderr, onLine)]
  // A command that ends without reading all of its input breaks the pipe; its exit status tells what matters.
  const fed = typeof input === 'object' ? pipeline(input, stdin).catch(() => {}) : undefined
  if (!fed) {
    stdin.on('error', () => {})
    stdin.end(input)
  }
  const [status] = await Promise.all([ended, fed])
  if (status !== 0) throw new CommandError(words(command), status, await err)
  return out
}

/** Runs `producer | consumer` without a shell; returns what the consumer prints. */
export async function pipe(
  producer: readonly string[],
  consumer: readonly string[],
  options: Omit<RunOptions, 'input'> = {},
): Promise<string> {
  const child = start(producer, ['ignore', 'pipe', 'pipe'], {})
  if (!child.stdout || !child.stderr) throw new CommandError(words(producer), 'has no pipes', '')
  const ended = end(child)
  const stderr = text(child.stderr)
  const consumed = run(consumer, { ...options, input: child.stdout })
  const [status, result] = await Promise.allSettled([ended, consumed])
  if (result.status === 'rejected') {
    child.kill()
    throw result.reason
  }
  if (status.status === 'fulfilled' && status.value !== 0) {
    throw new CommandError(words(producer), status.value, await stderr)
  }
  return result.value
}

/** Whether a command of this name can be run here. */
export async function installed(name: string): Promise<boolean> {
  return run(['sh', '-c', 'command -v "$1"', 'sh', name], { env: path }).then(
    () => true,
    () => false,
  )
}

/** Administrators' commands (dockerd, debootstrap) are not on every user's PATH. */
export const path = { PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` }

function start(command: readonly string[], stdio: SpawnOptions['stdio'], options: SpawnOptions) {
  const [file = '', ...args] = command
  return spawn(file, args, { ...options, stdio: stdio ?? 'pipe' })
}

function end(child: ReturnType<typeof start>): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? `killed by ${signal}`))
  })
}

async function text(stream: Readable, onLine?: (line: string) => void): Promise<string> {
  const lines: string[] = []
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line)
    onLine?.(line)
  }
  return lines.join('\n')
}

/** A command as an error names it: its first words are enough to know it by. */
function words(command: readonly string[]): string {
  const text = command.join(' ').replaceAll(/\s+/g, ' ')
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
