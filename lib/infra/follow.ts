import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Diagnostic, eventOf, type TerraformEvent } from './events.ts'
import { environmentOf, type Terraform } from './terraform.ts'

/** How a command is watched that holds the state's lock. */
export interface Watch {
  /** a private folder, for what it prints */
  readonly folder: string
  /** aborted: Terraform is told to stop, ends what it began, writes the state and lets go of its lock */
  readonly signal: AbortSignal
  readonly onEvent: (event: TerraformEvent) => void
  /** called with its process id */
  readonly onStart?: (pid: number) => void
}

export interface Ended {
  /** its exit code, or what became of it: "killed by SIGKILL" */
  readonly status: number | string
  readonly diagnostics: readonly Diagnostic[]
  /** what it printed that was no event */
  readonly rest: string
}

/**
 * Runs `terraform plan` or `apply` with -json. It is in a session of its own, and prints into files: neither a Ctrl-C of
 * the terminal, nor a hang-up, nor our own death ends it in the middle of its work, which would leave things that are in
 * no state, and the lock. Only `signal` does, once: a second interrupt would have it drop everything.
 */
export async function follow(terraform: Terraform, words: readonly string[], watch: Watch): Promise<Ended> {
  const { folder, onEvent, onStart, signal } = watch
  signal.throwIfAborted()
  const [command = 'terraform'] = words
  const paths = { out: join(folder, `${command}.out`), err: join(folder, `${command}.err`) }
  const [out, err] = [openSync(paths.out, 'w', 0o600), openSync(paths.err, 'w', 0o600)]
  const child = spawn(terraform.program, [...words], {
    cwd: terraform.folder,
    env: { ...process.env, ...environmentOf(terraform) },
    detached: true,
    stdio: ['ignore', out, err],
  })
  closeSync(out)
  closeSync(err)
  if (child.pid !== undefined) onStart?.(child.pid)
  const interrupt = () => child.kill('SIGINT')
  signal.addEventListener('abort', interrupt, { once: true })

  let status: number | string | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      status = error.message
      resolve()
    })
    child.once('exit', (code, killer) => {
      status = code ?? `killed by ${killer}`
      resolve()
    })
  })
  const diagnostics: Diagnostic[] = []
  const rest: string[] = []
  const hear = (line: string) => {
    const event = eventOf(line)
    if (event === undefined) return rest.push(line)
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic)
    return onEvent(event)
  }
  const lines = new Tail(paths.out)
  try {
    while (status === undefined) {
      await Promise.race([ended, pause(100)])
      for (const line of lines.next()) hear(line)
    }
    for (const line of lines.next()) hear(line)
  } finally {
    lines.close()
    signal.removeEventListener('abort', interrupt)
  }
  rest.push(await readFile(paths.err, 'utf8').catch(() => ''))
  return { status, diagnostics, rest: rest.join('\n').trim() }
}

/** A file that another process writes, by whole lines. */
class Tail {
  readonly #file: number
  readonly #piece = Buffer.alloc(64 * 1024)
  #rest = Buffer.alloc(0)

  constructor(path: string) {
    this.#file = openSync(path, 'r')
  }

  /** The lines that have been finished since the last look. */
  next(): readonly string[] {
    const lines: string[] = []
    for (;;) {
      const count = readSync(this.#file, this.#piece)
      if (count === 0) return lines
      this.#rest = Buffer.concat([this.#rest, this.#piece.subarray(0, count)])
      for (;;) {
        const end = this.#rest.indexOf(10)
        if (end < 0) break
        lines.push(this.#rest.subarray(0, end).toString('utf8'))
        this.#rest = this.#rest.subarray(end + 1)
      }
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
