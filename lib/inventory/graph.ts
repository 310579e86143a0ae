import { UsageError } from '../error.ts'
import { didYouMean } from './nearest.ts'
import { childrenOf, givenVars } from './overview.ts'
import { propertyOf } from './property.ts'
import type { PlayedRole } from './roles.ts'
import { brief, shown } from './shown.ts'
import type { Survey } from './survey.ts'

/**
 * The groups below a group and their hosts as a tree, in the form of `ansible-inventory --graph`; with `schemas` their
 * variables, too. Throws a UsageError when there is no such group.
 */
export function graph(survey: Survey, top: string, schemas?: readonly PlayedRole[]): readonly string[] {
  const { tree } = survey
  if (!tree.groups.has(top)) {
    const names = [...tree.groups.keys()]
    throw new UsageError(
      `no group is called \`${top}\``,
      didYouMean(top, names) ?? `the groups are: ${names.join(', ')}`,
    )
  }
  const lines: string[] = []
  const put = (depth: number, text: string) =>
    lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`)
  const putVars = (depth: number, vars: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(vars)) put(depth, `{${name} = ${brief(value)}}`)
  }
  const visit = (name: string, depth: number): void => {
    put(depth, `@${name}:`)
    for (const child of childrenOf(survey, name)) visit(child, depth + 1)
    for (const host of tree.hosts.values()) {
      if (!host.groups.has(name)) continue
      put(depth + 1, host.name)
      if (schemas !== undefined) putVars(depth + 2, givenVars(survey, host.name, schemas))
    }
    if (schemas !== undefined) putVars(depth + 1, groupVars(survey, name, schemas))
  }
  visit(top, 0)
  return lines
}

/** What the group itself is given: in hosts.yaml, and over it in group_vars. */
function groupVars(
  survey: Survey,
  name: string,
  schemas: readonly PlayedRole[],
): Readonly<Record<string, unknown>> {
  const variables = [survey.tree.groups.get(name)?.vars, survey.folder.groups.get(name)].flatMap((layer) => [
    ...(layer?.values() ?? []),
  ])
  return Object.fromEntries(
    variables.map((variable) => [variable.name, shown(variable.value, propertyOf(variable.name, schemas))]),
  )
}
