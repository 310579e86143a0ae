import { Secret } from '../secret/index.ts'
import { remember } from '../secret/redact.ts'
import { weakness } from './weakness.ts'

/**
 * The text of a secret's file. It is wrapped, since what prints a Secret of a text takes every occurrence of it out of
 * all output: a password "postgres" would leave holes in the names of files, and so be told.
 */
export type Held = Secret<{ readonly text: string }>

/** Holds a text so that nothing prints it by mistake; what no one guesses is kept out of all output besides. */
export function held(text: string): Held {
  if (weakness(text) === undefined) remember(text, 'source')
  return new Secret({ text })
}
