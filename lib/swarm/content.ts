import { feed, lines, raw, type Script, sh } from '../script/index.ts'
import { isSecret, Secret } from '../secret/index.ts'
import { textHash } from './stack-file.ts'

/** A config or a secret of a stack. Swarm never changes one: another content is another object, by another name. */
export interface Stored {
  readonly kind: 'config' | 'secret'
  /** as the stack's file calls it */
  readonly name: string
  /** as the swarm calls it: the stack, the name, and what stands for the content */
  readonly object: string
  readonly content: string | Secret
}

const namespaceLabel = 'com.docker.stack.namespace'

/** What is stored under which name. A secret counts by its slow fingerprint, which may be seen. */
export function storedAs(stack: string, name: string, content: string | Secret): Stored {
  const hash = isSecret(content) ? content.fingerprint() : textHash(content)
  return { kind: isSecret(content) ? 'secret' : 'config', name, object: `${stack}_${name}_${hash}`, content }
}

/** Stores what is not there yet, on a manager. Contents come on standard input alone. */
export function store(stack: string, each: readonly Stored[]): Script {
  return lines(
    raw('set -e'),
    ...each.map(({ kind, object, content }) => {
      const label = `${namespaceLabel}=${stack}`
      return sh`docker ${kind} inspect -f x ${object} >/dev/null 2>&1 || { base64 -d${feed(filled(content))}} | docker ${kind} create --label ${label} ${object} - >/dev/null`
    }),
  )
}

/** Stores a config again from a file of the manager, where it has that. */
export function restoreConfig(stack: string, object: string, path: string): Script {
  const label = `${namespaceLabel}=${stack}`
  return sh`if [ -f ${path} ] && ! docker config inspect -f x ${object} >/dev/null 2>&1; then
  docker config create --label ${label} ${object} ${path} >/dev/null || :
fi`
}

/** Swarm stores nothing that is empty; whoever reads a secret takes a line end alone for one that is not set. */
function filled(content: string | Secret): string | Secret {
  if (!isSecret(content)) return content === '' ? '\n' : content
  return content.reveal() === '' ? new Secret('\n', 'composed') : content
}

/** Prints what is stored of a stack: "config NAME", "secret NAME". */
export function listStored(stack: string): Script {
  const filter = `label=${namespaceLabel}=${stack}`
  return sh`docker config ls --filter ${filter} --format 'config {{.Name}}'
docker secret ls --filter ${filter} --format 'secret {{.Name}}'
`
}

/** What is stored and needed by none of these texts of stack files. */
export function unneeded(stdout: string, texts: readonly string[]): readonly string[] {
  return stdout
    .split('\n')
    .filter((line) => / ./.test(line))
    .filter((line) => !texts.some((text) => text.includes(line.split(' ')[1] ?? '')))
}

/** Removes what `listStored` printed; prints what a service still uses, which stays. */
export function remove(stored: readonly string[]): Script {
  return lines(
    ...stored.map((line) => {
      const [kind = '', object = ''] = line.split(' ')
      return sh`docker ${kind} rm ${object} >/dev/null 2>&1 || echo ${object}`
    }),
    raw(':'),
  )
}
