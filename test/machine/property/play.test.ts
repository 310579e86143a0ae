import type { Event } from '../../../lib/engine/event.ts'
import { difference } from '../../property/facts.ts'
import { localSite } from '../../property/local-site.ts'
import { playCases, setTheStage } from '../../property/play.ts'
import { property } from '../../property/runs.ts'
import { fleetOf, roleOf } from '../../unit/engine/fleets.ts'

const site = localSite()
const secret = 'hush-Zq9x'

property(
  'a check run says what the apply run then does, and a third finds nothing to do',
  6,
  playCases,
  async (each) => {
    const grove = await site.grove()
    const parts = await setTheStage(grove, each.parts, site.owners[0], secret)
    const roles = [
      roleOf('one', () => parts.slice(0, each.split).flat()),
      roleOf('two', () => parts.slice(each.split).flat()),
    ]
    const run = async (check: boolean): Promise<readonly Said[]> => {
      const { fleet, events, failures } = fleetOf(['h1'], { check })
      await fleet.converge([{ hosts: 'all', roles }])
      await fleet.close()
      if (failures().length > 0) throw new Error(`check ${check}: ${failures().join(', ')}`)
      const odd = events.find((event) => event.type === 'mispredicted')
      if (odd !== undefined) throw new Error(JSON.stringify(odd))
      if (JSON.stringify(events).includes(secret)) throw new Error('an event shows a secret')
      return events.flatMap(said)
    }
    const before = await grove.look()
    const checked = await run(true)
    const untouched = difference(before, await grove.look())
    if (untouched !== '') throw new Error(`the check run changed ${untouched}`)
    const applied = await run(false)
    same('resources', ids(checked), ids(applied))
    checked.forEach((promise, index) => {
      const done = applied[index]
      if (promise.outcome === 'unknown') return
      const wanted = { ...promise, outcome: promise.outcome === 'pending' ? 'changed' : promise.outcome }
      same(promise.id, wanted, done)
    })
    const after = await grove.look()
    same(
      'the third run',
      ids(applied).map(() => 'unchanged'),
      (await run(false)).map(({ outcome }) => outcome),
    )
    const unsettled = difference(after, await grove.look())
    if (unsettled !== '') throw new Error(`a run with nothing to do changed ${unsettled}`)
  },
)

interface Said {
  readonly id: string
  readonly outcome: string
  readonly summary: string | undefined
  readonly diff: string | undefined
}

function said(event: Event): Said[] {
  if (event.type !== 'resource') return []
  const { id, outcome, summary, diff } = event
  return [{ id, outcome, summary, diff }]
}

function ids(all: readonly Said[]): readonly string[] {
  return all.map(({ id }) => id)
}

function same(what: string, wanted: unknown, is: unknown): void {
  const [one, other] = [JSON.stringify(wanted), JSON.stringify(is)]
  if (one !== other) throw new Error(`${what}: promised ${one}, was ${other}`)
}
