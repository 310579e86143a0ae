import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, openConnection, TimeoutError } from '../../../lib/connection/index.ts'
import { docker } from '../../../lib/lab/docker.ts'
import { hostImage } from '../../../lib/lab/host-image.ts'
import { feed, raw, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'
import { marks, reach, saidOf } from './reached.ts'

const name = (what: string) => `quayside-test-${what}-${process.pid}`
const [box, stopped] = [name('box'), name('stopped')]

beforeAll(async () => {
  const image = await hostImage()
  await docker(['run', '--detach', '--init', '--name', box, image, 'sleep', 'infinity'])
  await docker(['create', '--name', stopped, image, 'true'])
})
afterAll(() => docker(['rm', '--force', '--volumes', box, stopped]))

const inBox = (text: string) => docker(['exec', box, 'sh', '-c', text])
const open = () => openConnection(targetLike({ connection: 'docker', host: box, become: true }))

async function withBox<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await open()
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

test('a container is converged like any host; one that is stopped or not there is unreachable', async () => {
  const env = { BOX_WORD: 'correct-horse-battery' }
  const all = { connection: 'docker', reached_word: { from_env: 'BOX_WORD' } }
  const hosts = {
    box: { host: box },
    stopped: { host: stopped },
    absent: { host: name('absent') },
    nowhere: { host: box, docker_host: 'unix:///run/no-engine.sock' },
  }
  const first = await reach(all, hosts, ['-v', '--diff'], { env })
  expect(first.code, first.output).toBe(4)
  expect(first.output).toMatch(new RegExp(`box +changed +file ${marks}/box/word`))
  expect(saidOf(first, 'stopped')).toContain(`the container ${stopped} is not running`)
  expect(saidOf(first, 'stopped')).toContain(`docker start ${stopped}`)
  expect(saidOf(first, 'absent')).toContain(`the Docker engine has no container ${name('absent')}`)
  expect(saidOf(first, 'nowhere')).toContain('no Docker engine answers')
  expect(first.output).not.toContain('correct-horse')
  expect(await inBox(`stat -c '%a %U' ${marks}/box/word; cat ${marks}/box/word`)).toBe(
    '600 root\ncorrect-horse-battery',
  )

  // The same engine, by the name that it is reached by.
  const engine = (await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim()
  const by = { box: { host: box, docker_host: engine } }
  const again = await reach(all, by, ['--check', '--exit-code'], { env })
  expect(again.code, again.output).toBe(0)
})

test('a secret that a command in it reads is in no argument and no environment, there or here', async () => {
  const word = 'purple-monkey-dishwasher'
  const look = `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '`
  await withBox(async (connection) => {
    const running = connection.run(sh`{ sleep 0.7; ${raw(look)}; cat >/dev/null; }${feed(new Secret(word))}`)
    const here = execFileSync('ps', ['-A', '-ww', '-o', 'args'], { encoding: 'utf8' })
    const { stdout } = await running
    expect(stdout).toContain('/bin/sh /dev/fd/3')
    expect(here).toContain(`exec --interactive --user root ${box}`)
    for (const seen of [word, Buffer.from(word).toString('base64').slice(0, 16)]) {
      expect(stdout).not.toContain(seen)
      expect(here).not.toContain(seen)
    }
  })
})

test('what takes too long in it is killed there, and nothing of the connection stays', async () => {
  const connection = await open()
  const late = connection.run(sh`sh -c 'sleep 61.7; :'; :`, { timeoutSeconds: 1 })
  await expect(late).rejects.toBeInstanceOf(TimeoutError)
  await expect
    .poll(() =>
      inBox(`cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -cx -e '6[1][.]7' -e '/dev/fd/[3]' || :`),
    )
    .toBe('0')
})

test('a container that goes away in the middle of a script is a lost connection', async () => {
  const connection = await open()
  const running = connection.run(sh`sleep 60`).catch((thrown: unknown) => thrown)
  await docker(['restart', '--time', '0', box])
  expect(await running).toMatchObject({ reason: 'lost', exitCode: 4 })
  await connection.close()
  expect((await withBox((again) => again.run(sh`echo back`))).stdout).toBe('back\n')
})
