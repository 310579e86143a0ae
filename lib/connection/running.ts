import { randomBytes } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Script } from '../script/index.ts'
import { ConnectionError, InterruptedError } from './error.ts'
import { killTree } from './kill.ts'
import { prelude } from './prelude.ts'
import { beside, type Streams, type Transport, within } from './transport.ts'

const startMs = 30_000
const killMs = 10_000
/** what is kept of the end of standard error, in characters */
const saidLimit = 16_384

export interface StartOptions {
  /** what it is for, as a person may see it in an error */
  readonly title: string
  /** aborted: it is told to end, with all that it started */
  readonly signal?: AbortSignal
}

/** How a script ended; the last 16,384 characters of what it said on standard error. */
export interface Ended {
  readonly code: number
  readonly stderr: string
}

/** A script that runs on a host beside the connection's own shell, with its streams in our hands. */
export interface Running {
  /** must be ended where the script reads it */
  readonly stdin: Writable
  /** must be read to its end, or destroyed: the script waits while nobody reads */
  readonly stdout: Readable
  /** Resolves once it has ended and all that it printed was read. Rejects with a ConnectionError when that is not known. */
  readonly ended: Promise<Ended>
  /** What it prints, as a stream that fails unless the script ends with 0: what was cut short never looks whole. */
  output(): Readable
  /** Ends it and all that it started (TERM, then KILL), if it still runs. */
  kill(): Promise<void>
}

/** A script that was to succeed ended with another code than 0. */
export class RunningError extends ConnectionError {
  readonly code: number
  readonly stderr: string

  constructor(host: string, title: string, { code, stderr }: Ended) {
    const said = stderr.trim().split('\n').slice(-6).join('\n')
    super(host, `${title} failed with code ${code}${said === '' ? '' : `: ${said}`}`, {
      reason: 'shell',
      exitCode: 1,
    })
    this.code = code
    this.stderr = stderr
  }
}

/**
 * Starts a script in a shell of its own. It travels on that shell's standard input as every script does, and says on
 * standard error when it has begun: only then may standard input be used, which is the script's from there on.
 */
export async function startBeside(
  host: string,
  transport: Transport,
  program: string,
  script: Script,
  { title, signal }: StartOptions,
): Promise<Running> {
  signal?.throwIfAborted()
  const text = script.reveal()
  if (text.includes('\0')) throw new TypeError('a NUL byte stands in a script')
  const streams = await transport.another()
  const marks = newMarks()
  const said = new Said(streams.stderr, marks)
  streams.stdin.on('error', () => {}) // its end tells more than EPIPE
  streams.stdin.write(carried(program, text, marks))
  const begun = await within(
    startMs,
    Promise.race([said.begun, streams.ended.then(() => undefined)]),
    undefined,
  )
  if (begun === undefined) {
    streams.stdout.destroy()
    streams.stdin.destroy()
    throw new ConnectionError(host, `${title} did not start: ${said.text.trim() || 'no answer'}`, {
      reason: 'shell',
    })
  }
  let letGo = () => {}
  const killed = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const kill = async () => {
    if (said.code === undefined) await within(killMs, beside(transport, killTree(begun)), false)
    streams.stdout.destroy()
    streams.stdin.destroy()
    letGo() // a channel whose output was let go of may never tell of its end
  }
  const ended = endOf(host, title, { ...streams, killed }, said, signal)
  ended.catch(() => {})
  const stop = () => void kill()
  signal?.addEventListener('abort', stop, { once: true })
  ended.catch(() => {}).finally(() => signal?.removeEventListener('abort', stop))
  if (signal?.aborted) stop()
  return {
    stdin: streams.stdin,
    stdout: streams.stdout,
    ended,
    kill,
    output: () => Readable.from(whole(host, title, streams.stdout, ended), { objectMode: false }),
  }
}

async function endOf(
  host: string,
  title: string,
  { stdout, stderr, ended, killed }: Streams & { readonly killed: Promise<void> },
  said: Said,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  const read = [finished(stdout, { writable: false }), finished(stderr, { writable: false })]
  await Promise.race([Promise.allSettled(read), killed])
  if (said.code !== undefined) return { code: said.code, stderr: said.text }
  if (signal?.aborted)
    throw new InterruptedError(host, `interrupted while running ${title}`, { cause: signal.reason })
  const why = await within(1000, ended, 'it was told to end')
  throw new ConnectionError(host, `lost while running ${title}: ${why}`, { reason: 'lost' })
}

async function* whole(host: string, title: string, stdout: Readable, ended: Promise<Ended>) {
  try {
    yield* stdout
  } catch {
    // how it ended tells more than what the stream met
  }
  const end = await ended
  if (end.code !== 0) throw new RunningError(host, title, end)
}

interface Marks {
  readonly begin: string
  readonly end: string
  readonly script: string
}

function newMarks(): Marks {
  const id = randomBytes(16).toString('hex')
  return { begin: `quayside-${id}-begin `, end: `quayside-${id}-end `, script: `quayside-${id}-script` }
}

/** In braces, so that the shell has read all of it before it begins: what follows on its input is the script's. */
function carried(program: string, text: string, { begin, end, script }: Marks): string {
  return `${prelude}
{ echo "${begin}$$" >&2
${program} /dev/fd/3 3<<'${script}'
exec 3<&-; ${text}
${script}
echo "${end}$?" >&2; exit; }
`
}

/** Standard error of a script between its marks. */
class Said {
  readonly begun: Promise<number>
  text = ''
  code: number | undefined

  constructor(stderr: Readable, marks: Marks) {
    let begin: (pid: number) => void = () => {}
    this.begun = new Promise((resolve) => {
      begin = resolve
    })
    const begins = new RegExp(`^[^]*${marks.begin}(\\d+)\\n`)
    const ends = new RegExp(`${marks.end}(\\d+)\\n[^]*$`)
    let started = false
    stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk
      if (!started) {
        const [all, pid] = begins.exec(this.text) ?? []
        if (all === undefined) return
        started = true
        this.text = this.text.slice(all.length)
        begin(Number(pid))
      }
      const end = ends.exec(this.text)
      if (end !== null) {
        this.code = Number(end[1])
        this.text = this.text.slice(0, end.index)
      }
      this.text = this.text.slice(-saidLimit)
    })
  }
}
