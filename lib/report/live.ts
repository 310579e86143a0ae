import type { Event } from '../engine/event.ts'
import { hookWrites } from './hook.ts'
import { liveBlock } from './live-block.ts'
import { advance, begin } from './progress.ts'
import { Screen } from './screen.ts'
import type { Paint } from './style.ts'

const frameMs = 100

/** The live view of a run in a terminal. */
export interface Live {
  /** told of each event after its lines were printed */
  readonly follow: (event: Event) => void
  /** a finished line, above the block */
  readonly print: (line: string) => void
  /** takes the block away, for a prompt; nothing is drawn before `resume` */
  readonly suspend: () => void
  readonly resume: () => void
  /** takes it away for good; the cursor is seen again. Safe to call twice. */
  readonly close: () => void
}

/** True where a live view can be shown, and is of use: a terminal that moves its cursor, and a person before it. */
export function canBeLive(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb' && env.TERM !== '' && env.TERM !== undefined && !ci
}

/**
 * Shows what runs below the lines that are done, at most ten times a second. What anything else in the process
 * writes to the terminal (a warning, a prompt) goes above the block; after a line that has no end yet (a prompt)
 * nothing is drawn until its end has come.
 */
export function startLive(options: { paint: Paint; signal: AbortSignal }): Live {
  const { paint, signal } = options
  const terminal = process.stdout
  const now = () => performance.now()
  let progress = begin(now())
  let pending = ''
  let suspended = 0
  let open = false
  let closed = false

  const around = (write: () => boolean, text: string): boolean => {
    flush(false)
    const done = write()
    if (text !== '') open = !text.endsWith('\n')
    return done
  }
  const hooks = [process.stdout, process.stderr]
    .filter((stream) => stream.isTTY === true)
    .map((stream) => hookWrites(stream, around))
  const write = (text: string) => (hooks[0] === undefined ? terminal.write(text) : hooks[0].write(text))
  // A terminal that does not tell its size says 0.
  const size = () => ({ columns: terminal.columns || 80, rows: terminal.rows || 24 })
  const screen = new Screen({ size, write })

  function flush(withBlock: boolean): void {
    const above = pending
    pending = ''
    if (!withBlock) {
      screen.clear()
      if (above !== '') write(above)
      return
    }
    screen.draw(above, liveBlock(progress, { ...size(), now: now(), paint, stopping: signal.aborted }))
  }
  const frame = () => {
    if (suspended === 0 && !open) flush(true)
  }
  const timer = setInterval(frame, frameMs)
  // It must not keep a process alive that has nothing else to do.
  timer.unref()

  const close = () => {
    if (closed) return
    closed = true
    clearInterval(timer)
    flush(false)
    for (const hook of hooks) hook.unhook()
    process.off('exit', close)
    process.off('uncaughtExceptionMonitor', close)
    process.off('SIGTSTP', pause)
    process.off('SIGCONT', frame)
  }
  // Ctrl-Z: the shell gets a clean screen with a cursor; `fg` brings the block back.
  const pause = () => {
    flush(false)
    process.kill(process.pid, 'SIGSTOP')
  }
  process.on('exit', close)
  process.on('uncaughtExceptionMonitor', close)
  process.on('SIGTSTP', pause)
  process.on('SIGCONT', frame)

  return {
    follow: (event) => {
      progress = advance(progress, event, now())
      if (event.type === 'recap') close()
    },
    print: (line) => {
      if (closed) terminal.write(`${line}\n`)
      else pending += `${line}\n`
    },
    suspend: () => {
      suspended += 1
      if (!closed) flush(false)
    },
    resume: () => {
      suspended = Math.max(0, suspended - 1)
    },
    close,
  }
}
