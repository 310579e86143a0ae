import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exit, QuaysideError } from '../error.ts'
import { type Paint, painter } from '../report/style.ts'
import { redact } from '../secret/index.ts'
import { argumentsOf } from './argv.ts'
import { type Args, type Flags, parseFlags, programFlags } from './flags.ts'
import { help } from './help.ts'
import { onInterrupt } from './interrupt.ts'

/** A command line program: its words, and what it does with them. */
export interface Program {
  /** one line: what it is for */
  readonly about: string
  readonly example: string
  /** its positional words, as --help shows them: "up|down|status" */
  readonly arguments?: string
  readonly flags?: Flags
  /** flags that it shares with its like; --verbose and --help unless told */
  readonly shared?: Flags
  /** flags that are read, to say why they are refused, and that --help does not show */
  readonly refused?: Flags
  run(life: Life): Promise<number>
}

/** What lasts as long as the process does. */
export interface Life {
  readonly name: string
  readonly args: Args
  readonly paint: Paint
  readonly print: (line: string) => void
  /** aborted by the first Ctrl-C (or SIGTERM); the second ends the process */
  readonly signal: AbortSignal
  /** called before a second Ctrl-C ends the process: to say what was done */
  readonly onForcedStop: (say: () => void) => void
}

/** Runs a program to the end of its process: parses the words, tells failures to a person, exits with its code. */
export async function program(meta: { url: string }, spec: Program): Promise<never> {
  const name = basename(fileURLToPath(meta.url), '.ts')
  const paint = painter(process.stderr)
  let verbosity = 0
  let code: number = exit.failed
  const { signal, onForcedStop } = onInterrupt((line) => complain(redact(line)))
  // A reader that goes away (| head) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(code)
  })
  try {
    const { about, example, flags = {}, shared = programFlags, refused = {} } = spec
    const args = parseFlags(argumentsOf(meta.url), { ...refused, ...shared, ...flags })
    verbosity = args.count('verbose')
    if (args.has('help')) {
      say(help({ name, about, arguments: spec.arguments, flags, shared, example }))
      code = exit.done
    } else {
      code = await spec.run({
        name,
        args,
        paint: painter(process.stdout),
        print: (line) => say(redact(line)),
        signal,
        onForcedStop,
      })
    }
  } catch (error) {
    code = tell(error, { paint, verbosity, interrupted: signal.aborted })
  }
  // zx only sets exitCode, and an open handle would keep the process alive: end it here.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
  process.exit(code)
}

// Not by console, which in Bun passes by whoever watches the streams, as the live view does.
function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

function tell(error: unknown, how: { paint: Paint; verbosity: number; interrupted: boolean }): number {
  const { paint, verbosity, interrupted } = how
  const known = error instanceof QuaysideError
  const message = redact(error instanceof Error ? error.message : String(error))
  // What the interruption broke is no news to the one who interrupted.
  if (interrupted && verbosity === 0) complain(paint('red', 'stopped: interrupted'))
  else complain(`${paint('red', 'error:')} ${message}`)
  if (known && !interrupted && error.hint !== undefined)
    complain(`${paint('cyan', 'hint:')} ${redact(error.hint)}`)
  if (!known && !interrupted && verbosity < 2)
    complain(`${paint('cyan', 'hint:')} this is a fault in Quayside or a role; -vv shows where`)
  if (verbosity >= 2 && error instanceof Error) complain(paint('dim', redact(error.stack ?? '')))
  if (interrupted) return exit.interrupted
  return known ? error.exitCode : exit.failed
}
