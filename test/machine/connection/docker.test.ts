import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Target } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'
import { alive, temporaryFolder } from './shells.ts'

const folder = temporaryFolder()
const bin = join(folder.path, 'bin')
const log = join(folder.path, 'log')

beforeAll(() => mkdirSync(bin))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => folder.remove())

/** Stands in for the docker command: notes its arguments, and starts a shell of this machine. */
const obliging = `#!/bin/sh
printf '%s\\n' "$*" >> '${log}'
exec /bin/sh
`
const saying = (text: string) => `#!/bin/sh
cat <<'_' >&2
${text}
_
exit 1
`

function withDocker(program: string): void {
  writeFileSync(join(bin, 'docker'), program)
  chmodSync(join(bin, 'docker'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  writeFileSync(log, '')
}

const container = (values: Partial<Target> = {}) =>
  targetLike({ name: 'web', connection: 'docker', host: 'web-1', become: true, ...values })

describe('a shell in a container', () => {
  test.each([
    [{}, 'exec --interactive --user root web-1 /bin/sh'],
    [{ becomeUser: 'app' }, 'exec --interactive --user app web-1 /bin/sh'],
    [{ become: false }, 'exec --interactive web-1 /bin/sh'],
    [{ become: false, user: 'www-data' }, 'exec --interactive --user www-data web-1 /bin/sh'],
    [{ dockerHost: 'ssh://box' }, '--host ssh://box exec --interactive --user root web-1 /bin/sh'],
  ])('%j', async (values, argv) => {
    withDocker(obliging)
    const connection = await openConnection(container(values))
    expect(await connection.run(sh`echo in; exit 3`)).toEqual({ stdout: 'in\n', stderr: '', code: 3 })
    await connection.close()
    expect(readFileSync(log, 'utf8')).toBe(`${argv}\n`)
  })

  test('what takes too long in it is killed through a second one', async () => {
    withDocker(obliging)
    const connection = await openConnection(container())
    const pid = join(folder.path, 'pid')
    const late = connection.run(sh`echo $$ >${pid}; exec sleep 60`, { timeoutSeconds: 0.5 })
    await expect(late).rejects.toThrow('no end after 0.5 s')
    expect(alive(readFileSync(pid, 'utf8').trim())).toBe(false)
  })

  test('what takes too long and could not be told to end is said to run on', async () => {
    withDocker(`#!/bin/sh
[ -e '${folder.path}/first' ] && exit 1
: >'${folder.path}/first'
exec /bin/sh
`)
    const connection = await openConnection(container())
    const pid = join(folder.path, 'pid')
    const late = connection.run(sh`echo $$ >${pid}; exec sleep 60`, {
      timeoutSeconds: 0.5,
      title: 'a long one',
    })
    await expect(late).rejects.toMatchObject({
      reason: 'timeout',
      message: expect.stringMatching(
        /^web: no end after 0\.5 s of running "a long one"; it may run on there, below pid \d+$/,
      ),
      hint: expect.stringContaining('could not be told to end'),
    })
    const left = readFileSync(pid, 'utf8').trim()
    expect(alive(left)).toBe(true)
    process.kill(Number(left), 'SIGKILL')
  })

  test('a name that is none never reaches docker', async () => {
    withDocker(obliging)
    await expect(openConnection(container({ host: '--privileged' }))).rejects.toMatchObject({
      reason: 'configuration',
      exitCode: 4,
    })
    expect(readFileSync(log, 'utf8')).toBe('')
  })
})

describe('no shell: why, and what to type', () => {
  test.each([
    [
      'Error response from daemon: No such container: web-1',
      'the Docker engine has no container web-1',
      'docker ps --all',
    ],
    [
      'Error response from daemon: container 0f3a is not running',
      'the container web-1 is not running',
      'docker start web-1',
    ],
    [
      'Error response from daemon: Container web-1 is paused, unpause the container before exec',
      'the container web-1 is paused',
      'docker unpause web-1',
    ],
    [
      'Error response from daemon: Container 0f3a is restarting, wait until the container is running',
      'the container web-1 keeps restarting',
      'docker logs --tail 20 web-1',
    ],
    [
      'unable to find user root: no matching entries in passwd file',
      'the container web-1 has no user root',
      'become_user',
    ],
    [
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown',
      'the container web-1 has no /bin/sh',
      'image with a shell',
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'no Docker engine answers: Cannot connect',
      'docker version',
    ],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
      'the Docker engine does not let us in',
      'group docker',
    ],
  ])('%s', async (said, message, hint) => {
    withDocker(saying(said))
    await expect(openConnection(container())).rejects.toMatchObject({
      host: 'web',
      exitCode: 4,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    })
  })

  test('there is no docker command', async () => {
    vi.stubEnv('PATH', folder.path)
    await expect(openConnection(container())).rejects.toMatchObject({
      reason: 'unreachable',
      message: 'web: docker is not installed on this machine',
    })
  })
})
