import { expect, test } from 'vitest'
import { swarm } from '../../../roles/swarm/role.ts'
import { swarmVars } from '../../../roles/swarm/schema.ts'
import { context, host, varsOf } from './context.ts'

const on = (groups: readonly string[], labels: object, vars: object = {}) =>
  swarm.resources(
    context(varsOf(swarmVars, { swarm_labels: labels }), {
      host: { ...host('edge-1', '10.0.0.11'), groups: ['all', ...groups], vars: { ...vars } },
    }),
  )

test.each<[string, readonly string[], object, object, RegExp | undefined]>([
  ['a worker that is an edge', ['worker', 'public'], { edge: 'true' }, {}, undefined],
  ["a worker beside blue-green's nginx", ['worker', 'edge'], {}, {}, undefined],
  [
    'two nginx for one pair of ports',
    ['worker', 'edge'],
    { edge: 'true' },
    {},
    /edge-1: .*want the same ports/,
  ],
  ['an engine with live-restore', ['worker'], {}, { docker_live_restore: true }, /live-restore/],
])('%s', (_, groups, labels, vars, refused) => {
  if (refused === undefined) expect(on(groups, labels, vars).length).toBe(1)
  else expect(() => on(groups, labels, vars)).toThrow(refused)
})
