import type { Host } from '../inventory/inventory.ts'
import type { VarsOf, VarsSchema } from '../inventory/schema.ts'
import type { Resource } from '../resource/resource.ts'
import type { Script } from '../script/index.ts'
import type { Facts } from './facts.ts'

/** All that a role may know: the host's variables and facts, and who the other hosts are. It does no I/O. */
export interface RoleContext<V> {
  readonly vars: V
  readonly facts: Facts
  readonly host: Host
  /** the hosts of a group, to learn their addresses */
  group(name: string): readonly Host[]
}

/** What a host becomes: a pure function from variables and facts to resources. */
export interface Role {
  readonly name: string
  /** one line for --help and the docs */
  readonly about: string
  readonly schema: VarsSchema
  resources(context: RoleContext<unknown>): readonly Resource[]
  handlers(context: RoleContext<unknown>): Readonly<Record<string, Script>>
}

/** Declares a role; the type of `vars` follows from its schema. */
export function role<const S extends VarsSchema>(parts: {
  name: string
  about: string
  vars: S
  resources: (context: RoleContext<VarsOf<S>>) => readonly Resource[]
  handlers?: (context: RoleContext<VarsOf<S>>) => Readonly<Record<string, Script>>
}): Role {
  // `never` narrows soundly here: the engine hands over variables that passed this very schema. (Spelling the type
  // out makes the compiler expand the whole schema algebra.)
  return {
    name: parts.name,
    about: parts.about,
    schema: parts.vars,
    resources: (context) => parts.resources(context as never),
    handlers: (context) => parts.handlers?.(context as never) ?? {},
  }
}
