import { expect, test } from 'vitest'
import type { Colour } from '../../../lib/deploy/colour.ts'
import { flip } from '../../../lib/deploy/flip.ts'
import { paths } from '../../../lib/deploy/paths.ts'
import type { Event } from '../../../lib/engine/event.ts'
import { fleetOf } from '../engine/fleets.ts'

/** What edges were asked, in order, of a flip to blue after which the apps are not well. */
async function flippedFrom(from: Colour): Promise<{ asked: string[]; told: string[] }> {
  const asked: string[] = []
  const told: string[] = []
  const { fleet } = fleetOf(['edge-1'], {
    wrap: (connection) => ({
      ...connection,
      close: () => connection.close(),
      run: async (script) => {
        asked.push(String(script).replaceAll(paths.state, '…').replaceAll(paths.switch, '…'))
        return { code: 0, stdout: '', stderr: '' }
      },
    }),
  })
  const site = {
    edges: fleet.inventory.hosts,
    appHosts: [],
    apps: [],
    access: { serverName: 'lab', httpsPort: 443, previewPort: 8080 },
    drainSeconds: 0,
    restoreHours: undefined,
    keepReleases: 5,
  }
  const flipping = {
    fleet,
    site,
    emit: (event: Event) => void (event.type === 'step' && told.push(event.text)),
    faults: async () => ['app-1: api query: 500'],
  }
  try {
    await expect(
      flip(flipping, { from, to: 'blue', release: 'v1' }, { id: 'v1', images: {}, config: '' }),
    ).rejects.toThrow('v1 is served, and is not well:\napp-1: api query: 500')
  } finally {
    await fleet.close()
  }
  return { asked, told }
}

test('a release that is not well is switched back from, and its journal goes', async () => {
  const { asked, told } = await flippedFrom('green')
  expect(asked.filter((each) => /^(rm|:) /.test(each))).toEqual([
    'rm -f …/green',
    ': > …/green',
    'rm -f …/flip.json',
  ])
  expect(told.at(-1)).toBe('all edges are back on green')
})

test('a first release that is not well has nothing to be switched back to: its journal goes all the same', async () => {
  const { asked, told } = await flippedFrom('blue')
  expect(asked.filter((each) => /^(rm|:) /.test(each))).toEqual(['rm -f …/green', 'rm -f …/flip.json'])
  expect(told.join('\n')).not.toContain('back on')
})
