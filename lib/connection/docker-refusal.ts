import type { Target } from './connection.ts'
import { ConnectionError, type ConnectionFailure } from './error.ts'

type Refusal = readonly [reason: ConnectionFailure, message: string, hint: string]

/** Why no shell came up in a container, from what the docker command printed instead. */
export function dockerRefused(target: Target, printed: string, why: string | undefined): ConnectionError {
  const said = (printed.trim() || (why ?? 'no answer')).split('\n').slice(0, 3).join(' / ')
  const [reason, message, hint] = refusalOf(target, said)
  return new ConnectionError(target.name, message, { reason, hint })
}

function refusalOf({ host, dockerHost, become, becomeUser, user }: Target, said: string): Refusal {
  const docker = dockerHost === undefined ? 'docker' : `docker -H ${dockerHost}`
  if (/there is no docker on this machine/.test(said))
    return [
      'unreachable',
      'docker is not installed on this machine',
      'install the docker command, or reach it by ssh',
    ]
  if (/no such container/i.test(said))
    return ['unreachable', `the Docker engine has no container ${host}`, `look at: ${docker} ps --all`]
  if (/is paused/i.test(said))
    return ['unreachable', `the container ${host} is paused`, `${docker} unpause ${host}`]
  if (/is restarting/i.test(said))
    return [
      'unreachable',
      `the container ${host} keeps restarting`,
      `look at: ${docker} logs --tail 20 ${host}`,
    ]
  if (/is not running/i.test(said))
    return ['unreachable', `the container ${host} is not running`, `${docker} start ${host}`]
  if (/unable to find user/i.test(said)) {
    const as = become ? becomeUser : user
    return [
      'become',
      `the container ${host} has no user ${as}`,
      'correct become_user (or user) in the inventory',
    ]
  }
  if (/exec: "?\/bin\/sh"?|\/bin\/sh: no such file/i.test(said))
    return [
      'shell',
      `the container ${host} has no /bin/sh`,
      'manage its host, and give it an image with a shell',
    ]
  if (/permission denied/i.test(said)) {
    const hint = 'be in the group docker on the machine of that engine, or run this as root there'
    return ['unreachable', `the Docker engine does not let us in: ${said}`, hint]
  }
  if (/daemon|during connect/i.test(said)) {
    const hint = `does this answer: ${docker} version? docker_host in the inventory or DOCKER_HOST says where the engine is`
    return ['unreachable', `no Docker engine answers: ${said}`, hint]
  }
  return [
    'shell',
    `no shell started in ${host}: ${said}`,
    `try it by hand: ${docker} exec -i ${host} /bin/sh`,
  ]
}
