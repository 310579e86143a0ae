import { type Colour, colours } from '../../lib/deploy/colour.ts'
import { ask, live, parseAnswers } from '../../lib/deploy/edge.ts'
import { readState, type Site, siteOf } from '../../lib/deploy/index.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { type Owed, owedBy } from '../../lib/playbook/owed.ts'

/** What stands in the data of the `result` event: result-status in docs/schemas/events.schema.json. */
interface Status {
  readonly edges: readonly {
    host: string
    colour: Colour
    unfinished: boolean
    apps: readonly Served[]
  }[]
  readonly appHosts: readonly ({ host: string } & Partial<Record<Colour, string>>)[]
  readonly history: readonly { at: string; kind: string; id: string; colour: Colour; by: string }[]
  readonly owed: Owed
}

interface Served {
  readonly app: string
  readonly status: number
  readonly release?: string
  readonly failure?: string
}

/** What each edge serves, what each app host holds, the last deploys, and owed handlers. */
export async function status(run: Run): Promise<void> {
  const found = await statusOf(run)
  run.emit({ type: 'result', of: 'status', data: { ...found } })
  if (!run.args.has('json')) for (const line of inLines(found)) run.print(line)
}

async function statusOf(run: Run): Promise<Status> {
  const { fleet } = run
  const site = siteOf(run.inventory)
  const state = await readState(fleet, site.edges, site.appHosts)
  const served = await servedBy(run, site)
  return {
    edges: [...state.edges].map(([host, { colour, flip }]) => ({
      host,
      colour,
      unfinished: flip !== undefined,
      apps: served.get(host) ?? [],
    })),
    appHosts: [...state.held].map(([host, held]) => ({
      host,
      ...Object.fromEntries(colours.flatMap((colour) => (held[colour] ? [[colour, held[colour].id]] : []))),
    })),
    history: state.history.slice(-10).map(({ at, kind, id, colour, by }) => ({ at, kind, id, colour, by })),
    owed: await owedBy(run),
  }
}

/** Asks each edge as a client would: what nginx serves is the truth. */
async function servedBy(run: Run, site: Site): Promise<ReadonlyMap<string, readonly Served[]>> {
  const apps = site.apps.filter((app) => app.version !== undefined)
  const questions = apps.map((app) => live(site.access, app.version ?? '/'))
  const results = await run.fleet.run(site.edges, 'ask what it serves', () => ask(questions))
  return new Map(
    [...results].map(([host, { stdout }]) => [
      host,
      parseAnswers(questions, stdout).map(({ status, headers, failure }, index) => {
        const release = headers.get('x-release')
        return {
          app: apps[index]?.name ?? '',
          status,
          ...(release === undefined ? {} : { release }),
          ...(failure === '' ? {} : { failure }),
        }
      }),
    ]),
  )
}

function inLines({ edges, appHosts, history, owed }: Status): string[] {
  const told = ({ app, status, release, failure = '' }: Served) =>
    `${app} ${status === 200 ? (release ?? '') : `HTTP ${status} ${failure}`}`
  const unfinished = '  (a flip was left unfinished: the next deploy or rollback undoes it)'
  return [
    '\nedge      colour  serves',
    ...edges.map(
      (edge) =>
        `${edge.host.padEnd(9)} ${edge.colour.padEnd(7)} ${edge.apps.map(told).join(', ')}${edge.unfinished ? unfinished : ''}`,
    ),
    `\napp host  ${colours.map((colour) => colour.padEnd(24)).join('')}`,
    ...appHosts.map(
      ({ host, ...held }) =>
        `${host.padEnd(9)} ${colours.map((colour) => (held[colour] ?? '-').padEnd(24)).join('')}`,
    ),
    '\nhistory',
    ...history.map(
      ({ at, kind, id, colour, by }) => `${at.slice(0, 19)}Z  ${kind.padEnd(8)}  ${id}  ${colour}  by ${by}`,
    ),
    ...(owed.length === 0 ? [] : ['\nowed handlers (site.ts pays)']),
    ...owed.map(({ host, handlers }) => `${host.padEnd(9)} ${handlers.join(', ')}`),
  ]
}
