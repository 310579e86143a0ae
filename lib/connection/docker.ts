import type { Connection, Target } from './connection.ts'
import { ConnectionError } from './error.ts'
import { openProcess } from './process.ts'

/** What Docker takes for a container's name; ids are hexadecimal. */
const name = /^[a-zA-Z0-9][\w.-]*$/

/**
 * A shell in a running container, through the docker command of this machine. It reaches the engine as that command
 * does (DOCKER_HOST, its context), or where the target says. The shell starts as the user that it is to be: there is
 * nobody to log in as, and nothing to become by.
 */
export async function openDocker(target: Target, signal: AbortSignal | undefined): Promise<Connection> {
  const { host, dockerHost, become, becomeUser, user } = target
  if (!name.test(host)) {
    throw new ConnectionError(target.name, `a container cannot be called ${JSON.stringify(host)}`, {
      reason: 'configuration',
      hint: 'with `connection: docker`, `host` is the name of a container: docker ps',
    })
  }
  const as = become ? becomeUser : user
  const argv = [
    'docker',
    ...(dockerHost === undefined ? [] : ['--host', dockerHost]),
    'exec',
    '--interactive',
    ...(as === undefined ? [] : ['--user', as]),
    host,
    '/bin/sh',
  ]
  return openProcess(target, { argv, enter: async () => {} }, signal)
}
