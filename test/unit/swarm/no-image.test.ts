import { expect, test } from 'vitest'
import { ConnectionError } from '../../../lib/connection/error.ts'
import type { Fleet } from '../../../lib/engine/fleet.ts'
import { missingImage, whyNoImage } from '../../../lib/swarm/no-image.ts'

const image = 'registry.lab:5000/agentlab/api@sha256:0123'

test.each([
  [`No such image: ${image}`, image],
  ['task: non-zero exit (1)', undefined],
  ['no suitable node', undefined],
])('%s', (error, expected) => {
  expect(missingImage(error)).toBe(expected)
})

/** A fleet of one host, n1, that prints this to a pull. */
function fleetWhere(said: string | Error): Pick<Fleet, 'run' | 'inventory'> {
  const run: Fleet['run'] = async ([host]) => {
    if (said instanceof Error) throw said
    return new Map([[host?.name ?? '', { stdout: said, stderr: '', code: 0 }]])
  }
  return { run, inventory: { hosts: [{ name: 'n1' }] } as unknown as Fleet['inventory'] }
}

test.each([
  [
    'n1',
    'write /var/lib/docker/tmp/x: no space left on device\n',
    ['docker pull says there: write /var/lib/docker/tmp/x: no space left on device'],
  ],
  ['n1', '', ['it can be pulled there by now']],
  ['n1', new ConnectionError('n1', 'gone'), []],
  ['n9', 'nobody asks a node that is no host', []],
] as const)('on %s: %s', async (node, said, expected) => {
  expect(await whyNoImage(fleetWhere(said), node, image)).toEqual(expected)
})
