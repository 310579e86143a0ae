import { parse } from 'yaml'
import { QuaysideError } from '../error.ts'

/** A config or secret of a stack's file: by which name the file knows it, and the swarm. */
export interface Named {
  readonly name: string
  readonly object: string
}

function namedIn(text: string, section: 'configs' | 'secrets'): readonly Named[] {
  const found = (parse(text, { version: '1.1' }) as Record<string, Record<string, { name?: string }>>)[
    section
  ]
  return Object.entries(found ?? {}).map(([name, { name: object = name }]) => ({ name, object }))
}

/** What a file names and the swarm has no more, by what `listStored` printed. */
export function missing(text: string, section: 'configs' | 'secrets', stored: string): readonly Named[] {
  const there = new Set(stored.split('\n').map((line) => line.split(' ')[1]))
  return namedIn(text, section).filter(({ object }) => !there.has(object))
}

/** The text with the secrets of another file, which are there, in the place of those that are not. */
export function withTodays(text: string, gone: readonly Named[], today: string, id: string): string {
  const now = new Map(namedIn(today, 'secrets').map(({ name, object }) => [name, object]))
  return gone.reduce((changed, { name, object }) => {
    const successor = now.get(name)
    if (successor === undefined)
      throw new QuaysideError(`the secret ${name} of ${id} is gone, and what runs has none`, {
        hint: `deploy it: deploy.ts --release ${id}`,
      })
    return changed.replaceAll(object, successor)
  }, text)
}
