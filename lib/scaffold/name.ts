import { UsageError } from '../error.ts'

/** One name in the spellings that files, code and variables have for it. */
export interface Spellings {
  /** "nginx-tls": files, roles, tags */
  readonly kebab: string
  /** "nginxTls": values */
  readonly camel: string
  /** "NginxTls": types */
  readonly pascal: string
  /** "nginx_tls": variables of an inventory */
  readonly snake: string
}

const shape = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const longest = 40

/** Words of TypeScript, of --tags, and of what a new file itself imports. */
const reserved = new Set(
  `all always never tagged untagged
  arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return
  static super switch this throw true try typeof undefined var void while with yield
  context directory every-play expect file planned playbook resources role test vars-of`.split(/\s+/),
)

export function spellings(kebab: string): Spellings {
  const pascal = kebab.replaceAll(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase())
  return {
    kebab,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    snake: kebab.replaceAll('-', '_'),
  }
}

/** Throws a UsageError for what cannot be a name, with the nearest one that can. */
export function checkName(what: 'role' | 'playbook' | 'env', given: string): void {
  const kind = what === 'env' ? 'environment' : what
  if (reserved.has(given))
    throw new UsageError(`"${given}" is a word with a meaning of its own: no ${kind} can have it`)
  if (shape.test(given) && given.length <= longest) return
  const near = kebabOf(given)
  const better = shape.test(near) && near.length <= longest && !reserved.has(near)
  throw new UsageError(
    `"${given}" cannot be the name of a ${kind}`.replace('a env', 'an env'),
    better
      ? `did you mean \`${near}\`?`
      : `small letters and digits, with "-" between words, at most ${longest}: load-balancer`,
  )
}

function kebabOf(given: string): string {
  return given
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
}
