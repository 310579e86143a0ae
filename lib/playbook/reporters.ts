import type { Emit } from '../engine/event.ts'
import { messageOf, UsageError } from '../error.ts'
import { consoleReporter } from '../report/console.ts'
import { canBeLive, type Live, startLive } from '../report/live.ts'
import { demandDistinct, demandWritable, writeWhole } from '../report/report-file.ts'
import { redact, redactDeep } from '../secret/index.ts'
import type { Args } from './flags.ts'
import type { Life } from './program.ts'

/** Everyone who is told of a run. */
export interface Reporters {
  /** tells all of them; what programs on hosts print comes through here, so secrets in it are redacted first */
  readonly emit: Emit
  /** a line for a person: above the live view, and on standard error where events are on standard output */
  readonly print: (line: string) => void
  /** makes room for a question at the terminal; nothing is drawn before `resume` */
  readonly suspend: () => void
  readonly resume: () => void
  /** ends the live view and writes the files, once; a process that exits before does so by itself */
  readonly close: () => void
}

type Words = Pick<Life, 'paint' | 'print' | 'signal'>

/** A report that is written when the run is over, whatever became of it. */
interface Written {
  readonly path: string
  readonly text: () => string
}

/** The reporters that a command line asks for. Throws a UsageError where a report could not be written. */
export async function reportersOf(args: Args, life: Words): Promise<Reporters> {
  if (args.has('json') && args.has('step'))
    throw new UsageError('--step asks a person, --json tells a program: one of them')
  const told: Emit[] = []
  const live = liveOf(args, life)
  const print = printTo(args, life, live)
  if (args.has('json')) {
    const { jsonReporter } = await import('../report/json.ts')
    told.push(jsonReporter((line) => void process.stdout.write(`${line}\n`)))
  } else told.push(consoleOf(args, life, print, live === undefined))
  if (live !== undefined) told.push(live.follow)
  const written = await recordersOf(args, life, print, told)

  let running = false
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    live?.close()
    process.off('exit', close)
    if (running) for (const each of written) writeReport(each, print)
  }
  process.on('exit', close)
  const emit: Emit = (event) => {
    running = true
    const safe = redactDeep(event)
    for (const each of told) each(safe)
  }
  return { emit, print, suspend: () => live?.suspend(), resume: () => live?.resume(), close }
}

function liveOf(args: Args, { paint, signal }: Words): Live | undefined {
  const plain = args.has('json') || args.has('no-live') || !canBeLive(process.stdout, process.env)
  return plain ? undefined : startLive({ paint, signal })
}

function printTo(args: Args, life: Words, live: Live | undefined): (line: string) => void {
  if (args.has('json')) return (line) => void process.stderr.write(`${redact(line)}\n`)
  return live === undefined ? life.print : (line) => live.print(redact(line))
}

function consoleOf(args: Args, { paint }: Words, write: (line: string) => void, heartbeat: boolean): Emit {
  return consoleReporter({
    write,
    paint,
    diff: args.has('diff'),
    verbosity: args.count('verbose'),
    heartbeat,
  })
}

/** What is told at the end, from a record of the whole run; only where it is asked for. */
async function recordersOf(
  args: Args,
  { paint }: Words,
  print: (line: string) => void,
  told: Emit[],
): Promise<readonly Written[]> {
  const [junitFile, pageFile] = [args.text('junit'), args.text('report')]
  demandDistinct({ junit: junitFile, report: pageFile, 'plan-out': args.text('plan-out') })
  if (junitFile !== undefined) demandWritable('junit', junitFile)
  if (pageFile !== undefined) demandWritable('report', pageFile)
  if (junitFile === undefined && pageFile === undefined && !args.has('profile')) return []
  const { recorder } = await import('../report/recording.ts')
  const { recording, follow } = recorder()
  told.push(follow)
  if (args.has('profile')) {
    const { profile } = await import('../report/profile.ts')
    told.push((event) => {
      if (event.type === 'recap') for (const line of profile(recording, { paint, most: 10 })) print(line)
    })
  }
  const written: Written[] = []
  if (junitFile !== undefined) {
    const { junit } = await import('../report/junit.ts')
    written.push({ path: junitFile, text: () => junit(recording) })
  }
  if (pageFile !== undefined) {
    const { page } = await import('../report/page/page.ts')
    written.push({ path: pageFile, text: () => page(recording) })
  }
  return written
}

/** A report that cannot be written any more is told of, and does not hide what the run came to. */
function writeReport({ path, text }: Written, print: (line: string) => void): void {
  try {
    writeWhole(path, text())
    print(`  report: ${path}`)
  } catch (error) {
    process.stderr.write(`${path} could not be written: ${redact(messageOf(error))}\n`)
  }
}
