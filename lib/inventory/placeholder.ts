import type { Faults } from './fault.ts'
import type { HostEntry } from './tree.ts'
import { type Variable, type Variables, valuePlace } from './variable.ts'
import { isRecord, pathText } from './words.ts'

/** Names that RFC 2606 reserves for examples: they can never be a real machine's. */
const reserved =
  /(?:^|[^a-z0-9.-])((?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|[a-z0-9-]+\.(?:example|invalid)))(?![a-z0-9-]|\.[a-z0-9])/i

/** The reserved name in a text, if there is one. */
export function placeholderIn(text: string): string | undefined {
  return reserved.exec(text)?.[1]
}

/** Reports what is still as the example had it: the address of each host, and any text among its variables. */
export function checkPlaceholders(host: HostEntry, variables: Variables, faults: Faults): void {
  if (placeholderIn(host.name) !== undefined && !variables.has('host')) {
    const message = `host \`${host.name}\` is still the example's: put in your own machine`
    faults.add(host.place, message, undefined, 'placeholder')
  }
  for (const variable of variables.values()) {
    for (const { path, text } of texts(variable.value)) {
      const found = placeholderIn(text)
      if (found !== undefined) report(variable, path, found, faults)
    }
  }
}

function report(variable: Variable, path: readonly string[], found: string, faults: Faults): void {
  const name = pathText([variable.name, ...path], { [variable.name]: variable.value })
  const message = `\`${name}\` still has the example's \`${found}\`: put in your own`
  faults.add(valuePlace(variable, path), message, undefined, 'placeholder')
}

function* texts(
  value: unknown,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; text: string }> {
  if (typeof value === 'string') yield { path, text: value }
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* texts(item, [...path, String(index)])
  else if (isRecord(value))
    for (const [key, item] of Object.entries(value)) yield* texts(item, [...path, key])
}
