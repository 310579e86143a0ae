import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Connection, Target } from './connection.ts'
import { Shell } from './shell.ts'
import { type Transport, trailMs, within } from './transport.ts'

/** A shell on this machine, through `sudo -n` where the target says become and we are not root yet. */
export async function openLocal(target: Target, options: { program?: string } = {}): Promise<Connection> {
  const program = options.program ?? '/bin/sh'
  const sudo = target.become && process.getuid?.() !== 0
  const argv = sudo ? ['sudo', '-n', '-H', program] : [program]
  const transport = localTransport(argv)
  try {
    return await Shell.start(target, transport, program)
  } catch (error) {
    await transport.close()
    throw error
  }
}

function localTransport(argv: readonly string[]): Transport {
  const child = start(argv)
  const ended = endOf(child)
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    async beside(script) {
      const killer = start(argv)
      killer.stdin.on('error', () => {})
      killer.stdin.end(script)
      killer.stdout.resume()
      killer.stderr.resume()
      return (await endOf(killer)) === 'the shell exited with code 0'
    },
    async close() {
      child.stdin.end()
      await within(1000, ended, '')
      child.kill('SIGKILL')
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
    },
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** In a session of its own, so that Ctrl-C at the terminal reaches us and not the script. */
function start(argv: readonly string[]): Child {
  const [command = '/bin/sh', ...rest] = argv
  return spawn(command, rest, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
}

function endOf(child: Child): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
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
