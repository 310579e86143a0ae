import { request } from 'node:https'
import { afterAll, describe, expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab } from './playbook.ts'
import { labCa } from './traffic.ts'

const edges = hosts.filter(({ name }) => name.startsWith('edge-'))
const ca = labCa()

/** What a client is answered by each edge: "503, again after 60 s", "200". */
function answers(): Promise<readonly string[]> {
  return Promise.all(
    edges.map(
      ({ address }) =>
        new Promise<string>((resolve, reject) => {
          request(
            { host: address, path: '/api/version', ca, servername: 'localhost', agent: false },
            (got) => {
              const after = got.headers['retry-after']
              got.resume()
              resolve(after === undefined ? `${got.statusCode}` : `${got.statusCode}, again after ${after} s`)
            },
          )
            .on('error', reject)
            .end()
        }),
    ),
  )
}

describe('closed for maintenance', () => {
  afterAll(async () => {
    await inLab('maintenance', ['off'])
  })

  test('clients are told to come back, while an edge itself, and so a deploy, is answered; then all is open', async () => {
    const release = await liveRelease()
    const told = await inLab('maintenance', ['on', '--check'])
    expect(told.stdout).toContain('would close the site on edge-1, edge-2')
    expect(await answers()).toEqual(['200', '200'])

    const closed = await inLab('maintenance', ['on'])
    expect(closed.code, closed.output).toBe(0)
    expect(closed.stdout).toContain('closed: edge-1, edge-2 answer 503')
    expect(await answers()).toEqual(['503, again after 60 s', '503, again after 60 s'])
    const deployed = await inLab('deploy', ['--release', release])
    expect(deployed.code, deployed.output).toBe(0)
    expect(deployed.stdout).toContain('nothing to deploy')
    expect(await answers()).toEqual(['503, again after 60 s', '503, again after 60 s'])

    const open = await inLab('maintenance', ['off'])
    expect(open.code, open.output).toBe(0)
    expect(await answers()).toEqual(['200', '200'])
  })

  test.each([
    [[], 'on, or off?'],
    [['onn'], '"onn" is neither on nor off'],
  ])('%j is refused', async (words, why) => {
    const { code, stderr } = await inLab('maintenance', words)
    expect(code).toBe(2)
    expect(stderr).toContain(why)
  })
})

describe('a command in a container', () => {
  test('runs in one that serves, with its output and its code', async () => {
    const colour = (
      await onHost('edge-1', '[ -f /etc/quayside/nginx/switch/green ] && echo green || echo blue')
    ).trim()
    const { code, output, stdout } = await inLab('exec', [
      'api',
      '--',
      'sh',
      '-c',
      'echo "$COLOUR $1"; exit 7',
      'sh',
      'a b',
    ])
    expect(code, output).toBe(7)
    expect(stdout).toContain(`${colour} a b\n`)
  })

  test('of a service that there is not is refused, with the nearest; and so is none', async () => {
    const wrong = await inLab('exec', ['postgrse', '--', 'true'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('did you mean `postgres`?')
    const none = await inLab('exec', ['api'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('what is to be run in api?')
  })
})
