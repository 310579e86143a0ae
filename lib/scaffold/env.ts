import type { Play } from '../engine/play.ts'
import { schemasOf } from '../engine/play.ts'
import { parsePattern } from '../inventory/pattern.ts'
import type { PlayedRole } from '../inventory/roles.ts'
import type { Property } from '../inventory/schema.ts'
import { expected } from '../inventory/words.ts'
import { checkName } from './name.ts'
import type { Made } from './role.ts'
import { writeNew } from './write.ts'

/** A variable that a role cannot do without. */
interface Wanted {
  readonly name: string
  readonly property: Property
}

/**
 * An environment without hosts: the groups that plays are for, and what has to be said of each once it has hosts, as
 * comments. It is valid as it is, and every line that wants filling in says so.
 */
export async function newEnvironment(root: string, name: string, plays: readonly Play[]): Promise<Made> {
  checkName('env', name)
  const schemas = schemasOf(plays)
  const groups = groupsOf(schemas)
  const dir = `inventory/${name}`
  const common = new Set(
    groups.flatMap((group, index) =>
      wantedBy(schemas, group)
        .map((each) => each.name)
        .filter((each) => groups.some((other, at) => at < index && names(schemas, other).includes(each))),
    ),
  )
  const written = await writeNew(root, [
    { path: `${dir}/hosts.yaml`, text: hostsYaml(name, groups) },
    {
      path: `${dir}/group_vars/all.yaml`,
      text: allYaml(name, [
        ...wantedBy(schemas, 'all'),
        ...unique(groups.flatMap((group) => wantedBy(schemas, group))).filter((each) =>
          common.has(each.name),
        ),
      ]),
    },
    ...groups.map((group) => ({
      path: `${dir}/group_vars/${group}.yaml`,
      text: groupYaml(
        group,
        schemas,
        wantedBy(schemas, group).filter((each) => !common.has(each.name)),
      ),
    })),
  ])
  return {
    written,
    next: [
      `put your hosts into ${dir}/hosts.yaml, and see that it is well:`,
      `    npx zx playbooks/inventory.ts list --env ${name}`,
      `    npm run check -- --env ${name}`,
      'keep its secrets in it, encrypted (docs/secrets.md):',
      '    npx zx playbooks/secrets.ts keygen',
      `    npx zx playbooks/secrets.ts edit --env ${name}`,
      'then see what would change on the hosts:',
      `    npx zx playbooks/site.ts --env ${name} --check --diff`,
    ],
  }
}

/** The groups that plays name, in their order; "all" is every host, and a host's own name is no group. */
function groupsOf(schemas: readonly PlayedRole[]): readonly string[] {
  const named = schemas.flatMap(({ hosts }) =>
    parsePattern(hosts)
      .filter(({ kind, how }) => kind === 'name' && how !== 'exclusion')
      .map(({ text }) => text),
  )
  return [...new Set(named)].filter((name) => name !== 'all')
}

function wantedBy(schemas: readonly PlayedRole[], group: string): readonly Wanted[] {
  return unique(
    schemas
      .filter(({ hosts }) =>
        parsePattern(hosts).some(({ text, how }) => text === group && how !== 'exclusion'),
      )
      .flatMap(({ schema }) =>
        (schema.required ?? []).map((name) => ({ name, property: schema.properties[name] ?? {} })),
      ),
  )
}

function names(schemas: readonly PlayedRole[], group: string): readonly string[] {
  return wantedBy(schemas, group).map(({ name }) => name)
}

function unique(wanted: readonly Wanted[]): readonly Wanted[] {
  return wanted.filter(({ name }, index) => wanted.findIndex((other) => other.name === name) === index)
}

function hostsYaml(name: string, groups: readonly string[]): string {
  return [
    '# yaml-language-server: $schema=../../docs/schemas/hosts.schema.json',
    `# ${name}: its hosts, in the groups that roles/stack.ts has roles for. \`host\` is the address at which this machine`,
    '# reaches one, `private_address` the one at which the other hosts do. All of it: docs/inventory.md, docs/connections.md',
    'all:',
    '  children:',
    ...groups.flatMap((group, index) => [
      `    ${group}:`,
      '      hosts:',
      `        # ${group}-1: { host: 192.0.2.${index + 1}1, private_address: 10.0.0.${index + 1}1 }`,
    ]),
    '',
  ].join('\n')
}

function allYaml(name: string, wanted: readonly Wanted[]): string {
  return [
    varsHead,
    `# What holds for every host of ${name}. Which of several values wins: docs/variables.md`,
    '',
    '# The user to log in as; it needs sudo, without a password or with become_password.',
    'user: deploy',
    ...asked(wanted),
    '',
  ].join('\n')
}

function groupYaml(group: string, schemas: readonly PlayedRole[], wanted: readonly Wanted[]): string {
  const roles = schemas.filter(({ hosts }) => parsePattern(hosts).some(({ text }) => text === group))
  const readmes = [...new Set(roles.map(({ role }) => `roles/${role}/README.md`))].join(', ')
  return [varsHead, `# What holds for group ${group}. All variables: ${readmes}`, ...asked(wanted), ''].join(
    '\n',
  )
}

const varsHead = '# yaml-language-server: $schema=../../../docs/schemas/vars.schema.json'

/** Variables to be given once there are hosts, as comments. */
function asked(wanted: readonly Wanted[]): readonly string[] {
  if (wanted.length === 0) return []
  return [
    '',
    '# No role can do without these; take the # away and give yours. A secret is said by where it comes from.',
    ...wanted.map(({ name, property }) => {
      const about = typeof property.description === 'string' ? `: ${property.description}` : ''
      const value = property.format === 'secret' ? `{ from_age: ${name} }` : ' '
      return `# ${name}: ${value} # ${expected(property)}${about}`
    }),
  ]
}
