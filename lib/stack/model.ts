/**
 * A stack of services, as Compose, Swarm and Kubernetes files are written from it: one model, so that what they say of
 * an image, a user, a limit or a network cannot drift apart. Values may hold Compose's `${NAME:-default}`.
 */
export interface Stack {
  readonly name: string
  readonly services: readonly Service[]
  readonly networks: readonly Network[]
  readonly volumes: readonly Volume[]
  readonly secrets: readonly SecretFile[]
  readonly configs: readonly ConfigFile[]
}

/** What a service is wherever it runs. How it is built, published and ordered is its surroundings' affair: Setting. */
export interface Service {
  readonly name: string
  /** why it is there, and what there is to know; the comment above it */
  readonly about: string
  readonly image: string
  /** uid:gid, by number: what the kernel knows */
  readonly user: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** names of secrets, files of /run/secrets in the container */
  readonly secrets?: readonly string[]
  /** config's name: its path in the container */
  readonly configs?: Readonly<Record<string, string>>
  readonly networks: readonly string[]
  readonly mounts?: readonly Mount[]
  /** `none` is for what runs once and ends */
  readonly health: Health | 'none'
  readonly resources: Resources
  readonly ulimits?: Readonly<Record<string, number>>
  readonly stop: Stop
}

export interface Health {
  /** run in the container, without a shell */
  readonly command: readonly string[]
  readonly intervalSeconds: number
  /** below 5: a check that is slower is an answer, too */
  readonly timeoutSeconds: number
  readonly retries: number
  readonly startPeriodSeconds: number
}

/** Memory as a number of MB or a `${NAME:-number}`; cpus are cores. */
export interface Resources {
  readonly memoryMb: number | string
  readonly reservedMb: number
  readonly cpus: string
  readonly pids: number
}

export interface Stop {
  /** SIGTERM unless the image says otherwise */
  readonly signal?: string
  /** until it is killed: longer than it takes to drain */
  readonly graceSeconds: number
}

export type Mount =
  | { readonly type: 'volume'; readonly source: string; readonly target: string }
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  /** root's, with the mode of the folder in the image; where there is none, everybody may write in it */
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeMb: number }

export interface Network {
  readonly name: string
  readonly about: string
  /** no way out of it, and none in: a port of a container that has no other network cannot be published */
  readonly internal: boolean
  /** it only carries ports: nothing gets out by it, nor to another container */
  readonly isolated?: boolean
}

export interface Volume {
  readonly name: string
  readonly about: string
}

/** A secret, a file of this name in the directory that the setting names. */
export interface SecretFile {
  readonly name: string
  readonly about: string
}

/** A file of the repository that a container reads. `path` is relative to the folder of the files. */
export interface ConfigFile {
  readonly name: string
  readonly path: string
}
