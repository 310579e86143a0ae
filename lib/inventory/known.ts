import { ansibleNames, connectionSchema } from './connection-vars.ts'
import type { Faults } from './fault.ts'
import { didYouMean } from './nearest.ts'
import type { VarsSchema } from './schema.ts'
import { keyPlace, type Variables } from './variable.ts'

/** Reports every variable that no role and not the connection knows, wherever it is given and whether used or not. */
export function checkKnown(
  given: Iterable<Variables>,
  schemas: readonly { readonly schema: VarsSchema }[],
  faults: Faults,
): void {
  const names = [connectionSchema, ...schemas.map(({ schema }) => schema)].flatMap((schema) =>
    Object.keys(schema.properties),
  )
  const known = new Set(names)
  for (const variables of given) {
    for (const variable of variables.values()) {
      if (known.has(variable.name)) continue
      faults.add(keyPlace(variable), `unknown variable \`${variable.name}\``, hint(variable.name, known))
    }
  }
}

function hint(name: string, known: ReadonlySet<string>): string | undefined {
  const ours = ansibleNames[name]
  if (ours !== undefined) return `did you mean \`${ours}\`?`
  if (name.startsWith('ansible_')) return "Ansible's own variables have no meaning here"
  return didYouMean(name, known)
}
