import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Connection, Target } from './connection.ts'
import type { Entry } from './entry.ts'
import { InterruptedError, TimeoutError } from './error.ts'
import { Shell } from './shell.ts'
import { type Streams, type Transport, trailMs, within } from './transport.ts'

/** A shell that a program of this machine starts for us, and how it is entered. */
export interface ProcessShell {
  readonly argv: readonly string[]
  readonly enter: Entry['enter']
  /** what runs each script: `/bin/sh` unless told */
  readonly program?: string
}

/** Opens a connection through a program of this machine, in connectTimeoutSeconds at most. */
export async function openProcess(
  target: Target,
  shell: ProcessShell,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const child = start(shell.argv)
  const transport = transportOf(child, shell)
  const seconds = target.connectTimeoutSeconds ?? 10
  const deadline = AbortSignal.timeout(seconds * 1000)
  const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
  const giveUp = () => child.kill('SIGKILL')
  stop.addEventListener('abort', giveUp, { once: true })
  if (stop.aborted) giveUp()
  try {
    await shell.enter(transport)
    return await Shell.start(target, transport, shell.program)
  } catch (error) {
    await transport.close()
    if (signal?.aborted) throw new InterruptedError(target.name, 'interrupted while starting a shell')
    if (!deadline.aborted) throw error
    const message = `no shell after ${seconds} s of ${shell.argv[0]}`
    throw new TimeoutError(target.name, message, { hint: 'give it more time with connect_timeout' })
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
}

function transportOf(child: Child, shell: ProcessShell): Transport {
  const first = streamsOf(child)
  const others = new Set<Child>()
  return {
    ...first,
    async another() {
      const other = start(shell.argv)
      others.add(other)
      other.once('close', () => others.delete(other))
      const streams = streamsOf(other)
      try {
        await shell.enter(streams)
      } catch (error) {
        other.kill('SIGKILL')
        throw error
      }
      return streams
    },
    async close() {
      child.stdin.end()
      await within(1000, first.ended, '')
      for (const each of [child, ...others]) {
        each.kill('SIGKILL')
        for (const stream of [each.stdin, each.stdout, each.stderr]) stream.destroy()
      }
    },
  }
}

function streamsOf(child: Child): Streams {
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended: endOf(child) }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** In a session of its own, so that Ctrl-C at the terminal reaches us and not the script. */
function start(argv: readonly string[]): Child {
  const [command = '/bin/sh', ...rest] = argv
  return spawn(command, rest, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
}

function endOf(child: Child): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? `there is no ${child.spawnfile} on this machine` : error.message),
    )
    child.once('exit', (code, signal) => {
      const why = signal ? `the shell was killed by ${signal}` : `the shell exited with code ${code}`
      // A background child may hold the streams open for ever: what was printed arrives at once.
      within(
        trailMs,
        once(child, 'close').then(
          () => why,
          () => why,
        ),
        why,
      ).then(resolve)
    })
  })
}
