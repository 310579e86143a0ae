import { liveColour, readState, siteOf } from '../../deploy/index.ts'
import { UsageError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { serviceOf } from '../../logs/index.ts'
import { didYouMean } from '../../nearest.ts'
import { sh } from '../../script/index.ts'
import type { Run } from '../playbook.ts'

/** A container that runs. */
export interface Place {
  readonly host: Host
  readonly container: string
  /** '' where it has none */
  readonly colour: string
}

const list = sh`docker ps --format '{{.Names}} {{.Label "quayside.colour"}}'
`

/** What `list` printed on a host. */
export function placesOf(host: Host, stdout: string): readonly Place[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [container = '', colour = ''] = line.split(' ')
      return { host, container, colour }
    })
}

/** Pure: the first of a service that serves; throws a UsageError with what there is. */
export function choose(places: readonly Place[], service: string, live: string | undefined): Place {
  const of = places.filter(({ container }) => container === service || serviceOf(container) === service)
  const serving = of.find(
    ({ colour, container }) => colour === '' || colour === live || container === service,
  )
  const found = serving ?? of[0]
  if (found !== undefined) return found
  const known = [...new Set(places.map(({ container }) => serviceOf(container)))].toSorted()
  throw new UsageError(
    `no container of "${service}" runs`,
    didYouMean(service, known) ?? (known.length === 0 ? 'no container runs at all' : known.join(', ')),
  )
}

/** Where a service runs: of a colour that is served, where it has colours. */
export async function placeOf(run: Run, service: string): Promise<Place> {
  const { fleet, inventory, args } = run
  const hosts = inventory.select(args.text('host') ?? 'all')
  const each = await fleet.run(hosts, 'list its containers', () => list)
  const places = hosts.flatMap((host) => placesOf(host, each.get(host.name)?.stdout ?? ''))
  const coloured = places.some(({ container, colour }) => colour !== '' && serviceOf(container) === service)
  return choose(places, service, coloured ? await served(run) : undefined)
}

async function served({ fleet, inventory }: Run): Promise<string | undefined> {
  const { edges } = siteOf(inventory)
  return liveColour(await readState(fleet, edges, []))
}
