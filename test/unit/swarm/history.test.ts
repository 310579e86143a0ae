import { describe, expect, test } from 'vitest'
import type { StackDeployed } from '../../../lib/swarm/kept.ts'
import { targetOf } from '../../../lib/swarm/rollback.ts'
import { scaled } from '../../../lib/swarm/scale.ts'
import { readStackFile, type StackFile, stackText } from '../../../lib/swarm/stack-file.ts'
import { missing, withTodays } from '../../../lib/swarm/stored-names.ts'

const line = (id: string, config: string, kind: StackDeployed['kind'] = 'deploy'): StackDeployed => ({
  id,
  images: { api: `api@sha256:${id}` },
  config,
  at: '2026-11-27T09:00:00Z',
  by: 'anna@laptop',
  kind,
})

describe('the release to go back to', () => {
  const history = [line('v1', 'a'), line('v2', 'b'), line('v3', 'c'), line('v3', 'd', 'scale')]
  test.each([
    ['the one before, whatever was scaled since', undefined, 'v2'],
    ['one that is named', 'v1', 'v1'],
    ['the last of its name', 'v3', 'v3'],
  ])('%s', (_, to, id) => expect(targetOf(history, to).id).toBe(id))

  test('of a name there is the last that ran', () => expect(targetOf(history, 'v3').config).toBe('d'))

  test.each([
    ['v9', history, /release v9 is not in the history.*/, 'the history: v1, v2, v3'],
    [undefined, [line('v1', 'a')], /there is no release to go back to/, 'the history: v1'],
    [undefined, [], /there is no release to go back to/, 'nothing was deployed yet'],
  ])('%s of %j is none', (to, of, message, hint) => {
    expect(() => targetOf(of, to)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), hint }),
    )
  })
})

const text = (hash: string) => `# agentlab
services:
  api:
    image: api
secrets:
  redis_password:
    external: true
    name: agentlab_redis_password_${hash}
  api_key:
    external: true
    name: agentlab_api_key_1
configs:
  nginx_conf:
    external: true
    name: agentlab_nginx_conf_${hash}
`

describe('what a kept file names', () => {
  const stored =
    'config agentlab_nginx_conf_new\nsecret agentlab_redis_password_new\nsecret agentlab_api_key_1\n'

  test('and the swarm no longer has', () => {
    expect(missing(text('old'), 'secrets', stored)).toEqual([
      { name: 'redis_password', object: 'agentlab_redis_password_old' },
    ])
    expect(missing(text('old'), 'configs', stored)).toEqual([
      { name: 'nginx_conf', object: 'agentlab_nginx_conf_old' },
    ])
    expect(missing(text('new'), 'configs', stored)).toEqual([])
  })

  test('is had from the file that runs: a secret that was replaced stays replaced', () => {
    const gone = missing(text('old'), 'secrets', stored)
    const changed = withTodays(text('old'), gone, text('new'), 'v1')
    expect(missing(changed, 'secrets', stored)).toEqual([])
    expect(changed).toContain('agentlab_nginx_conf_old')
  })

  test('and nothing has any more is an error, with the way out', () => {
    const gone = [{ name: 'another', object: 'agentlab_another_old' }]
    expect(() => withTodays(text('old'), gone, text('new'), 'v1')).toThrow(
      expect.objectContaining({ hint: 'deploy it: deploy.ts --release v1' }),
    )
  })
})

describe('scaling', () => {
  const file: StackFile = {
    services: {
      api: { image: 'api', command: ['sh', '-c', 'echo $HOME'], deploy: { replicas: 2, mode: 'replicated' } },
      nginx: {
        image: 'nginx',
        deploy: { mode: 'global', placement: { constraints: ['node.labels.edge == true'] } },
      },
      postgres: { image: 'postgres', deploy: { replicas: 1 } },
    },
    networks: {},
    volumes: {},
    secrets: {},
    configs: {},
  }

  test('changes the number alone, in a file that was kept, too', () => {
    const kept = stackText(file, 'kept')
    const again = stackText(
      scaled(
        readStackFile(kept, () => undefined),
        { api: 4 },
        ['postgres'],
      ),
      'kept',
    )
    expect(again).toBe(kept.replace('replicas: 2', 'replicas: 4'))
  })

  test.each([
    ['apu', /the stack has no service "apu"/],
    ['nginx', /nginx runs once on every node that fits: .*edge/],
    ['postgres', /postgres keeps data in one volume, and runs once/],
  ])('refuses %s', (name, why) => {
    expect(() => scaled(file, { [name]: 3 }, ['postgres'])).toThrow(why)
  })
})
