import { colours } from '../lib/deploy/colour.ts'
import { ask, live, parseAnswers } from '../lib/deploy/edge.ts'
import { readState, type Site, siteOf } from '../lib/deploy/index.ts'
import { listDebts, readDebts } from '../lib/engine/debt.ts'
import { playbook, type Run } from '../lib/playbook/index.ts'
import { stack } from '../roles/stack.ts'

await playbook(import.meta, {
  about:
    'Show which release and colour each edge serves, what each app host holds, the last deploys, and owed handlers',
  example: 'npx zx playbooks/status.ts --env lab',
  plays: stack,
  whole: 'it asks every host',
  run: status,
})

async function status(run: Run): Promise<void> {
  const { fleet, print } = run
  const site = siteOf(run.inventory)
  const state = await readState(fleet, site.edges, site.appHosts)
  const served = await servedBy(run, site)
  print('\nedge      colour  serves')
  for (const [name, edge] of state.edges)
    print(
      `${name.padEnd(9)} ${edge.colour.padEnd(7)} ${served.get(name) ?? ''}${edge.flip ? '  (a flip was left unfinished: the next deploy or rollback undoes it)' : ''}`,
    )
  print(`\napp host  ${colours.map((colour) => colour.padEnd(24)).join('')}`)
  for (const [name, held] of state.held)
    print(`${name.padEnd(9)} ${colours.map((colour) => (held[colour]?.id ?? '-').padEnd(24)).join('')}`)
  print('\nhistory')
  for (const each of state.history.slice(-10))
    print(`${each.at.slice(0, 19)}Z  ${each.kind.padEnd(8)}  ${each.id}  ${each.colour}  by ${each.by}`)
  for (const line of await owedBy(run)) print(line)
}

/** Handlers that a run owed when it ended: the next run that plays their role pays. */
async function owedBy({ fleet, inventory }: Run): Promise<readonly string[]> {
  const results = await fleet.run(inventory.hosts, 'list the handlers it owes', () => listDebts)
  const owing = [...results]
    .map(([host, { stdout }]) => [host, readDebts(stdout)] as const)
    .filter(([, debts]) => debts.length > 0)
  if (owing.length === 0) return []
  return [
    '\nowed handlers (site.ts pays)',
    ...owing.map(([host, debts]) => `${host.padEnd(9)} ${debts.join(', ')}`),
  ]
}

/** Asks each edge as a client would: what nginx serves is the truth. */
async function servedBy(run: Run, site: Site): Promise<ReadonlyMap<string, string>> {
  const apps = site.apps.filter((app) => app.version !== undefined)
  const questions = apps.map((app) => live(site.access, app.version ?? '/'))
  const results = await run.fleet.run(site.edges, 'ask what it serves', () => ask(questions))
  return new Map(
    [...results].map(([name, { stdout }]) => {
      const answers = parseAnswers(questions, stdout)
      const told = answers.map((answer, index) => {
        const release = answer.headers.get('x-release') ?? answer.failure
        return `${apps[index]?.name} ${answer.status === 200 ? release : `HTTP ${answer.status} ${answer.failure}`}`
      })
      return [name, told.join(', ')] as const
    }),
  )
}
