import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { type Settled, tokens } from './settled.ts'

/**
 * What a ProxyCommand of ssh_config reads and writes, as the socket to the host. The command is run by a shell of this
 * machine, as ssh does; what it prints on standard error is kept to be shown when it fails.
 */
export function proxySocket(target: Settled, command: string): Duplex & { readonly said: () => string } {
  const { host, port, user, name } = target
  const line = tokens(command, { host, port, user, given: name })
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-500)
  })
  const socket = new Duplex({
    read() {
      child.stdout.resume()
    },
    // a pipe that is closed is no error of its own: the command's end follows, and only then has all been read that it said
    write(chunk, _encoding, done) {
      child.stdin.write(chunk, () => done())
    },
    final(done) {
      child.stdin.end(() => done())
    },
    destroy(error, done) {
      child.kill('SIGTERM')
      done(error)
    },
  })
  child.stdin.on('error', () => {})
  child.stdout.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) child.stdout.pause()
  })
  child.once('error', (error) => socket.destroy(error))
  child.once('close', () => {
    socket.push(null)
    socket.destroy()
  })
  return Object.assign(socket, { said: () => said.trim() })
}
