import { expect, test } from 'vitest'
import { parseWhole } from '../../../lib/swarm/whole.ts'

const gap = '\n--quayside-whole--\n'

const service = (name: string, mode: object) => ({
  ID: name,
  Spec: {
    Name: `agentlab_${name}`,
    Labels: { 'com.docker.stack.namespace': 'agentlab' },
    Mode: mode,
    TaskTemplate: {
      ContainerSpec: {
        Mounts: [
          { Type: 'volume', Source: `agentlab_${name}-data` },
          { Type: 'tmpfs', Target: '/tmp' },
        ],
      },
    },
  },
})

test('what is bound to a node is the volumes of what runs there alone: what runs on every node has one on each', () => {
  const services = [service('postgres', { Replicated: { Replicas: 1 } }), service('nginx', { Global: {} })]
  const whole = parseWhole(['1000.5', JSON.stringify(services), '[]', '[]'].join(gap))
  expect(whole.now).toBe(1000.5)
  expect(whole.services.map(({ name, stack, volumes }) => [name, stack, volumes])).toEqual([
    ['postgres', 'agentlab', ['agentlab_postgres-data']],
    ['nginx', 'agentlab', []],
  ])
})
