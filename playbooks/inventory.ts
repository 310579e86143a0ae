import { fileURLToPath } from 'node:url'
import { schemasOf } from '../lib/engine/play.ts'
import { UsageError } from '../lib/error.ts'
import { didYouMean } from '../lib/inventory/nearest.ts'
import type { PlayedRole } from '../lib/inventory/roles.ts'
import type { Survey } from '../lib/inventory/survey.ts'
import { environmentOf } from '../lib/playbook/environment.ts'
import { variableFlags } from '../lib/playbook/flags.ts'
import { type Args, program } from '../lib/playbook/index.ts'

/** What there is to ask, the words that follow it, and the flags that go with it. */
const actions = {
  list: { most: 1, flags: ['json'] },
  hosts: { most: 1, flags: [] },
  graph: { most: 1, flags: ['vars'] },
  explain: { most: 2, flags: ['json'] },
  schema: { most: 0, flags: ['write', 'check'] },
} as const

await program(import.meta, {
  about: 'The inventory: its hosts and groups, and where each variable comes from. No host is contacted',
  arguments: 'list [PATTERN]|hosts [PATTERN]|graph [GROUP]|explain HOST [VARIABLE]|schema',
  example: 'npx zx playbooks/inventory.ts explain db-1 redis_port --env lab',
  flags: {
    ...variableFlags,
    json: { about: 'with list: as ansible-inventory --list; with explain: each layer' },
    vars: { about: 'with graph: the variables of each group and host' },
    write: { about: 'with schema: write docs/schemas/, by which editors check the YAML' },
    check: { about: 'with schema: fail where those files are not what the roles say' },
  },
  async run({ args, print }) {
    const [word, ...words] = args.positionals
    const action = actionOf(word, words, args)
    const schemas = schemasOf((await import('../roles/stack.ts')).everyPlay)
    if (action === 'schema') return schemaFiles(schemas, args, print)

    const { survey } = await import('../lib/inventory/survey.ts')
    const found = await survey({ ...environmentOf(args), schemas, extraVars: args.texts('extra-vars') })
    const lines = await answer(found, schemas, { action, words, args })
    for (const line of lines) print(line)
    const faults = found.faults.all
    if (faults.length > 0) {
      const { InventoryError } = await import('../lib/inventory/fault.ts')
      console.error(`\na playbook would refuse this inventory:\n${new InventoryError(faults).message}`)
    }
    return 0
  },
})

function actionOf(word: string | undefined, words: readonly string[], args: Args): keyof typeof actions {
  const names = Object.keys(actions)
  if (word === undefined) throw new UsageError('what about the inventory?', names.join(', '))
  if (!Object.hasOwn(actions, word))
    throw new UsageError(`there is no "${word}"`, didYouMean(word, names) ?? names.join(', '))
  const action = word as keyof typeof actions
  const { most, flags } = actions[action]
  if (words.length > most) throw new UsageError(`inventory.ts ${action} takes no "${words[most]}"`)
  if (action === 'explain' && words.length === 0)
    throw new UsageError('which host?', 'inventory.ts explain HOST [VARIABLE]')
  const own: readonly string[] = flags
  for (const flag of ['json', 'vars', 'write', 'check'])
    if (args.has(flag) && !own.includes(flag))
      throw new UsageError(`--${flag} does not go with inventory.ts ${action}`)
  return action
}

async function answer(
  survey: Survey,
  schemas: readonly PlayedRole[],
  asked: { action: 'list' | 'hosts' | 'graph' | 'explain'; words: readonly string[]; args: Args },
): Promise<readonly string[]> {
  const { action, words, args } = asked
  const [first, second] = words
  switch (action) {
    case 'hosts':
      return hostsOf(survey, first)
    case 'list': {
      const { ansibleList, overview } = await import('../lib/inventory/overview.ts')
      const hosts = hostsOf(survey, first)
      return args.has('json') ? [json(ansibleList(survey, hosts, schemas))] : overview(survey, hosts)
    }
    case 'graph': {
      const { graph } = await import('../lib/inventory/graph.ts')
      return graph(survey, first ?? 'all', args.has('vars') ? schemas : undefined)
    }
    case 'explain': {
      const { explainAll, explainOrigins, originsOf } = await import('../lib/inventory/origin.ts')
      const host = hostNamed(survey, first ?? '')
      if (!args.has('json'))
        return second === undefined
          ? explainAll(survey, host, schemas)
          : explainOrigins(survey, host, second, schemas)
      if (second === undefined) throw new UsageError('--json takes a VARIABLE, too')
      return [json({ host, variable: second, layers: originsOf(survey, host, second, schemas) })]
    }
  }
}

function hostsOf(survey: Survey, pattern = 'all'): readonly string[] {
  const hosts = survey.select(pattern)
  if (hosts.length === 0) throw new UsageError(`\`${pattern}\` matches no host`)
  return hosts
}

function hostNamed({ members }: Survey, name: string): string {
  if (members.hosts.includes(name)) return name
  const hint = didYouMean(name, members.hosts) ?? `the hosts are: ${members.hosts.join(', ')}`
  throw new UsageError(`no host is called \`${name}\``, hint)
}

async function schemaFiles(
  schemas: readonly PlayedRole[],
  args: Args,
  print: (line: string) => void,
): Promise<number> {
  const { checkSchemas, writeSchemas } = await import('../lib/inventory/schema-files.ts')
  const folder = fileURLToPath(new URL('../docs/schemas', import.meta.url))
  if (args.has('write') === args.has('check')) throw new UsageError('schema takes --write or --check')
  if (args.has('write')) for (const file of await writeSchemas(folder, schemas)) print(`wrote ${file}`)
  else await checkSchemas(folder, schemas)
  return 0
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 4)
}
