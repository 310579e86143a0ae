import type { Script } from '../script/index.ts'
import type { Connection, Result, RunOptions, Target } from './connection.ts'
import { ConnectionError, InterruptedError, TimeoutError } from './error.ts'
import { FrameReader, framed, type Marks, newMarks, outputLimit } from './frame.ts'
import { killTree } from './kill.ts'
import { type Left, tellShell } from './left.ts'
import { prelude } from './prelude.ts'
import { shellRefused } from './refusal.ts'
import { type Running, type StartOptions, startBeside } from './running.ts'
import { beside, type Transport, within } from './transport.ts'

const killMs = 10_000

/**
 * One `sh` that stays open and runs each script in a fresh child `sh`, so that neither `exit` nor a syntax error nor
 * a variable outlives its script. A script travels on the shell's standard input in a here-document and nowhere
 * else: never in an argument.
 */
export class Shell implements Connection {
  readonly name: string
  readonly #transport: Transport
  readonly #program: string
  readonly #timeoutSeconds: number
  readonly #marks: Marks = newMarks()
  #readers: { stdout: FrameReader; stderr: FrameReader; changed: () => void } | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #trips = 0
  readonly #beside = new Set<Running>()
  #self: { readonly pid: number; readonly since: string } | undefined
  #running: { readonly title: string; readonly until: number } | undefined
  #left: Left | undefined
  #down: ConnectionError | undefined
  #ended: string | undefined

  private constructor(target: Target, transport: Transport, program: string) {
    this.name = target.name
    this.#timeoutSeconds = target.commandTimeoutSeconds
    this.#transport = transport
    this.#program = program
    transport.stdin.on('error', () => {}) // the end of the shell tells more than EPIPE
    transport.stdout.on('data', (chunk: Buffer) => this.#receive('stdout', chunk))
    transport.stderr.on('data', (chunk: Buffer) => this.#receive('stderr', chunk))
    transport.ended.then((why) => {
      this.#ended = why
      this.#readers?.changed()
    })
  }

  /** Waits until the shell answers. The program is what runs each script: `/bin/sh`. */
  static async start(target: Target, transport: Transport, program = '/bin/sh'): Promise<Shell> {
    const shell = new Shell(target, transport, program)
    const { readers, done } = shell.#send(framed(`${prelude}\n${tellShell}`, shell.#marks))
    await done
    const [pid = '', since = ''] = readers.stdout.text().trim().split(' ')
    if (readers.stdout.code === undefined || !/^\d+$/.test(pid)) {
      throw shellRefused(target, `${readers.stderr.before}\n${readers.stdout.before}`, shell.#ended)
    }
    shell.#self = { pid: Number(pid), since }
    return shell
  }

  get trips(): number {
    return this.#trips
  }

  get left(): Left | undefined {
    return this.#left
  }

  run(script: Script, options: RunOptions = {}): Promise<Result> {
    const turn = this.#queue.then(() => this.#run(script, options))
    this.#queue = turn.catch(() => {})
    return turn
  }

  async start(script: Script, options: StartOptions): Promise<Running> {
    if (this.#down !== undefined) throw this.#down
    const running = await startBeside(this.name, this.#transport, this.#program, script, options)
    this.#beside.add(running)
    running.ended.catch(() => {}).finally(() => this.#beside.delete(running))
    return running
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#beside].map((each) => each.kill()))
    if (this.#down === undefined)
      await this.#giveUp(
        () => new ConnectionError(this.name, 'the connection is closed', { reason: 'closed' }),
      )
    else await this.#transport.close()
  }

  async #run(script: Script, given: RunOptions): Promise<Result> {
    const options = { timeoutSeconds: this.#timeoutSeconds, ...given }
    if (this.#down !== undefined) throw this.#down
    const title = titled(script, options.title)
    if (options.signal?.aborted) throw this.#interrupted(title, options.signal)('')
    const text = script.reveal()
    if (text.includes('\0')) throw new TypeError('a NUL byte stands in a script')
    if (this.#ended !== undefined) throw await this.#giveUp(this.#lost(title, this.#ended))

    this.#trips += 1
    const until = performance.now() + options.timeoutSeconds * 1000
    this.#running = { title, until }
    const { readers, done } = this.#send(framed(this.#carry(text), this.#marks))
    const verdict = await outcome(done, options)
    const { stdout, stderr } = readers
    if (verdict === 'done' && stdout.code !== undefined && stderr.code !== undefined) {
      this.#running = undefined
      return { stdout: stdout.text(), stderr: stderr.text(), code: stdout.code }
    }
    if (this.#down !== undefined) throw this.#down
    if (verdict === 'aborted') throw await this.#giveUp(this.#interrupted(title, options.signal))
    if (verdict === 'late') throw await this.#giveUp(this.#late(title, options.timeoutSeconds))
    if (stdout.overflowed || stderr.overflowed) throw await this.#giveUp(this.#overflow(title))
    throw await this.#giveUp(this.#lost(title, this.#ended ?? 'the shell ended'))
  }

  /** The script as the here-document of a fresh shell, which lets go of fd 3 before the script's first word. */
  #carry(text: string): string {
    const mark = this.#marks.script
    return `${this.#program} /dev/fd/3 3<<'${mark}' </dev/null\nexec 3<&-; ${text}\n${mark}`
  }

  #send(text: string): { readers: { stdout: FrameReader; stderr: FrameReader }; done: Promise<void> } {
    const stdout = new FrameReader(this.#marks)
    const stderr = new FrameReader(this.#marks)
    const done = new Promise<void>((resolve) => {
      const changed = () => {
        const whole = stdout.code !== undefined && stderr.code !== undefined
        if (whole || stdout.overflowed || stderr.overflowed || this.#ended !== undefined) resolve()
      }
      this.#readers = { stdout, stderr, changed }
      changed()
    })
    this.#transport.stdin.write(text)
    return { readers: { stdout, stderr }, done }
  }

  #receive(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this.#readers?.[stream].push(chunk)
    this.#readers?.changed()
  }

  /**
   * Marks the connection unusable, ends what still runs if it can, and closes. Gives back why, in words that say what
   * could not be ended.
   */
  async #giveUp(why: Reason): Promise<ConnectionError> {
    this.#down = why('')
    if (this.#running !== undefined && this.#self !== undefined && !(await this.#kill(this.#self.pid))) {
      this.#left = { ...this.#self, ...this.#running }
      this.#down = why(`; it may run on there, below pid ${this.#self.pid}`)
    }
    this.#running = undefined
    const reason = this.#down
    await this.#transport.close()
    return reason
  }

  async #kill(pid: number): Promise<boolean> {
    if (this.#ended !== undefined) return false
    return within(killMs, beside(this.#transport, killTree(pid)), false)
  }

  #lost(title: string, why: string): Reason {
    const hint = 'look whether the host is up, then run the playbook again: what is done already stays done'
    return (still) =>
      new ConnectionError(this.name, `lost the connection while running ${title}: ${why}${still}`, {
        reason: 'lost',
        hint,
      })
  }

  #late(title: string, seconds: number): Reason {
    return (still) =>
      new TimeoutError(this.name, `no end after ${seconds} s of running ${title}${still}`, {
        hint:
          still === ''
            ? 'the script was told to end (TERM, then KILL): give it more time, or look on the host for what it waits for'
            : 'it could not be told to end: look whether the host is up, and what it is at',
      })
  }

  #interrupted(title: string, signal: AbortSignal | undefined): Reason {
    return (still) =>
      new InterruptedError(this.name, `interrupted while running ${title}${still}`, {
        cause: signal?.reason,
      })
  }

  #overflow(title: string): Reason {
    const limit = `${outputLimit / 1024 / 1024} MiB`
    return (still) =>
      new ConnectionError(this.name, `${title} printed more than ${limit}${still}`, {
        reason: 'output',
        hint: 'send its output to a file on the host',
      })
  }
}

/** Why a connection was given up; told what may run on there, as the end of a sentence, "" for nothing. */
type Reason = (still: string) => ConnectionError

/** How the wait for a script ended: by itself, by the clock, or by the caller. */
async function outcome(
  done: Promise<void>,
  { timeoutSeconds, signal }: RunOptions & { readonly timeoutSeconds: number },
): Promise<'done' | 'late' | 'aborted'> {
  let abort: (() => void) | undefined
  const aborted = new Promise<'aborted'>((resolve) => {
    abort = () => resolve('aborted')
    signal?.addEventListener('abort', abort, { once: true })
  })
  const finished = done.then(() => 'done' as const)
  try {
    return await within(timeoutSeconds * 1000, Promise.race([finished, aborted]), 'late' as const)
  } finally {
    if (abort) signal?.removeEventListener('abort', abort)
  }
}

/** What a script is for, or its first line, as a person may see it. */
function titled(script: Script, title: string | undefined): string {
  const first = title ?? String(script).trimStart().split('\n', 1)[0] ?? ''
  return `"${first.length > 80 ? `${first.slice(0, 79)}…` : first}"`
}
