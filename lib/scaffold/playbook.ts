import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../error.ts'
import { didYouMean } from '../nearest.ts'
import { checkName, spellings } from './name.ts'
import { type Made, rolePieces } from './role.ts'
import { fill } from './template.ts'
import { writeNew } from './write.ts'

/** A playbook and its test. It plays the role that is asked for, or the one of its name, or else one in its own file. */
export async function newPlaybook(root: string, name: string, asked: string | undefined): Promise<Made> {
  checkName('playbook', name)
  const role = asked ?? (existsSync(join(root, 'roles', name, 'role.ts')) ? name : undefined)
  if (role !== undefined) demandRole(root, role)
  const pieces = [
    {
      from: `templates/playbook/${role === undefined ? 'alone' : 'of-role'}.ts`,
      to: `playbooks/${name}.ts`,
    },
    { from: 'templates/playbook/playbook.test.ts', to: `test/machine/playbook/${name}.test.ts` },
  ]
  const names = { 'new-playbook': name, ...(role === undefined ? {} : { 'new-role': role }) }
  const moved = role === undefined ? pieces : rolePieces(role)
  const written = await writeNew(root, await fill(root, pieces, names, moved))
  return {
    written,
    next: [
      'try its test, then see what it would change:',
      `    npx vitest run --project machine test/machine/playbook/${name}.test.ts`,
      `    npx zx playbooks/${name}.ts --env lab --check --diff`,
      ...(role === undefined ? [] : shared(role)),
    ],
  }
}

/** An inventory is read by every playbook: each has to know the variables of the others' roles. */
function shared(role: string): readonly string[] {
  const { camel } = spellings(role)
  return [
    `for inventories to hold variables of ${role}, unless the stack plays it: two lines in roles/stack.ts, the second in \`others\``,
    `    import { ${camel} } from './${role}/role.ts'`,
    `    { hosts: 'all', roles: [${camel}] },`,
  ]
}

function demandRole(root: string, role: string): void {
  const roles = readdirSync(join(root, 'roles')).filter((each) =>
    existsSync(join(root, 'roles', each, 'role.ts')),
  )
  if (!roles.includes(role)) {
    const make = `npx zx playbooks/new.ts role ${role} makes one`
    throw new UsageError(`there is no role ${role}`, didYouMean(role, roles) ?? make)
  }
  const { camel } = spellings(role)
  const file = `roles/${role}/role.ts`
  if (!readFileSync(join(root, file), 'utf8').includes(`export const ${camel} `))
    throw new UsageError(`${file} has no \`export const ${camel}\``, 'a role is exported by its name')
}
