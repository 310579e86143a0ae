import { checkName, spellings } from './name.ts'
import { fill, type Piece } from './template.ts'
import { writeNew } from './write.ts'

/** What was made, and what a person does next: lines to show. */
export interface Made {
  readonly written: readonly string[]
  readonly next: readonly string[]
}

export function rolePieces(name: string): readonly Piece[] {
  return [
    { from: 'templates/role/schema.ts', to: `roles/${name}/schema.ts` },
    { from: 'templates/role/role.ts', to: `roles/${name}/role.ts` },
    { from: 'templates/role/README.md', to: `roles/${name}/README.md` },
    { from: 'templates/role/role.test.ts', to: `test/unit/roles/${name}.test.ts` },
  ]
}

/** A role with one variable, its README and its test. No playbook plays it yet: a person decides which does. */
export async function newRole(root: string, name: string): Promise<Made> {
  checkName('role', name)
  const written = await writeNew(root, await fill(root, rolePieces(name), { 'new-role': name }))
  const { camel } = spellings(name)
  return {
    written,
    next: [
      'try its test:',
      `    npx vitest run --project unit test/unit/roles/${name}.test.ts`,
      'no playbook plays it yet. One of its own:',
      `    npx zx playbooks/new.ts playbook ${name}`,
      'or site.ts and every deploy, by two lines in roles/stack.ts, the second one in `stack`:',
      `    import { ${camel} } from './${name}/role.ts'`,
      `    { hosts: 'all', roles: [${camel}] },`,
      'and then, for editors and for all that is wrong with it:',
      '    npx zx playbooks/inventory.ts schema --write',
      '    npm run check',
    ],
  }
}
