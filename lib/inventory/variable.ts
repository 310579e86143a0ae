import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import { messageOf } from '../error.ts'
import type { Faults, Place } from './fault.ts'
import type { YamlFile } from './yaml.ts'

/** One variable as one file gives it. Whole values replace each other, so all of it stands in this one place. */
export interface Variable {
  readonly name: string
  readonly value: unknown
  readonly file: YamlFile
  readonly pair: Pair
  /** from an encrypted file: its value is the source that stands for it */
  readonly encrypted?: boolean
}

export type Variables = ReadonlyMap<string, Variable>

/** The variables of a mapping, by name. */
export function variablesOf(file: YamlFile, map: YAMLMap, faults: Faults): Map<string, Variable> {
  const found = new Map<string, Variable>()
  for (const pair of map.items) {
    const name = keyOf(pair)
    try {
      const value = isNode(pair.value) ? pair.value.toJS(file.document) : null
      found.set(name, { name, value, file, pair })
    } catch (error) {
      faults.add(placeOfPair(file, pair), `\`${name}\`: ${messageOf(error)}`)
    }
  }
  return found
}

/** A mapping's key as text. */
export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

/** Where the key of a pair stands. */
export function placeOfPair(file: YamlFile, pair: Pair): Place {
  return isNode(pair.key) ? file.placeOf(pair.key) : file.start
}

/** Where the variable's name stands, or with a path the key that the path leads to. */
export function keyPlace(variable: Variable, path: readonly string[] = []): Place {
  const found = walk(variable, path)
  if (found.pair !== undefined) return placeOfPair(variable.file, found.pair)
  return found.node === undefined ? keyPlace(variable) : variable.file.placeOf(found.node)
}

/** Where the value stands that the path leads to; as near as it gets when there is none. */
export function valuePlace(variable: Variable, path: readonly string[] = []): Place {
  const found = walk(variable, path)
  const written = found.node?.range && found.node.range[0] !== found.node.range[1]
  if (found.node !== undefined && written) return variable.file.placeOf(found.node)
  return keyPlace(variable, path)
}

/** How a scalar is written in the file: "1.10" where its value is the number 1.1. */
export function sourceOf(variable: Variable, path: readonly string[]): string | undefined {
  const { node } = walk(variable, path)
  return isScalar(node) ? node.source : undefined
}

interface Found {
  /** set when the last step was a mapping's */
  readonly pair: Pair | undefined
  readonly node: Node | undefined
}

function walk(variable: Variable, path: readonly string[]): Found {
  let found: Found = { pair: variable.pair, node: nodeOf(variable.pair.value) }
  for (const segment of path) {
    const container = isAlias(found.node) ? found.node.resolve(variable.file.document) : found.node
    if (isMap(container)) {
      const pair = container.items.find((item) => keyOf(item) === segment)
      if (pair === undefined) return found
      found = { pair, node: nodeOf(pair.value) }
    } else if (isSeq(container)) {
      found = { pair: undefined, node: nodeOf(container.items[Number(segment)]) }
    } else return found
  }
  return found
}

function nodeOf(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined
}
