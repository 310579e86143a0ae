import type { Host } from '../inventory/inventory.ts'
import type { VarsOf, VarsSchema } from '../inventory/schema.ts'
import type { Resource } from '../resource/resource.ts'
import type { Script } from '../script/index.ts'
import type { Facts } from './facts.ts'

/** All that a role may know: the host's variables and facts, and who the other hosts are. It does no I/O. */
export interface RoleContext<V> {
  readonly vars: V
  readonly facts: Facts
  /** "lab", "staging": the environment's name */
  readonly env: string
  readonly host: Host
  /** the hosts of a pattern, to learn their addresses */
  group(pattern: string): readonly Host[]
  /** the same of a group that an environment may lack: none where there is no such group */
  groupIfAny(pattern: string): readonly Host[]
  /**
   * the facts of another host, by its name: those of this run, or from the cache for a host that it leaves out. (The
   * engine fetches them at the first question, and calls the role again.)
   */
  factsOf(host: string): Facts
}

/** What a host becomes: a pure function from variables and facts to resources. */
export interface Role {
  readonly name: string
  /** one line for --help and the docs */
  readonly about: string
  readonly schema: VarsSchema
  /** every word that its resources are tagged with, beside its own name */
  readonly tags: readonly string[]
  /** `any` for a role that is at home on every system; the others are refused where they were never tried */
  readonly platforms: 'supported' | 'any'
  resources(context: RoleContext<unknown>): readonly Resource[]
  handlers(context: RoleContext<unknown>): Readonly<Record<string, Script>>
}

/** Declares a role; the type of `vars` follows from its schema. */
export function role<const S extends VarsSchema>(parts: {
  name: string
  about: string
  vars: S
  tags?: readonly string[]
  platforms?: Role['platforms']
  resources: (context: RoleContext<VarsOf<S>>) => readonly Resource[]
  handlers?: (context: RoleContext<VarsOf<S>>) => Readonly<Record<string, Script>>
}): Role {
  // `never` narrows soundly here: the engine hands over variables that passed this very schema. (Spelling the type
  // out makes the compiler expand the whole schema algebra.)
  return {
    name: parts.name,
    about: parts.about,
    schema: parts.vars,
    tags: parts.tags ?? [],
    platforms: parts.platforms ?? 'supported',
    resources: (context) => parts.resources(context as never),
    handlers: (context) => parts.handlers?.(context as never) ?? {},
  }
}
