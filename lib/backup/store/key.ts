import { StoreError } from './store.ts'

const word = '[A-Za-z0-9._=+-]+'
const path = new RegExp(`^${word}(/${word})*$`)
const start = new RegExp(`^(${word}(/${word})*/?)?$`)

/** What a put that is under way is called, until it is whole. */
export const partial = '.part-'

/** The key, where it is one; throws for what could lead out of a folder or be taken for a part. */
export function checkedKey(key: string): string {
  if (path.test(key) && !strays(key)) return key
  throw new StoreError(`${JSON.stringify(key)} cannot be a key of a store`, {
    reason: 'failed',
    hint: allowed,
  })
}

/** The same for the beginning of keys: it may be empty, or stop in the middle of a name. */
export function checkedPrefix(prefix: string): string {
  if (start.test(prefix) && !strays(prefix)) return prefix
  throw new StoreError(`${JSON.stringify(prefix)} cannot begin a key of a store`, {
    reason: 'failed',
    hint: allowed,
  })
}

const allowed = 'keys are made of letters, digits and ._=+- with / between, and no part of one is . or ..'

function strays(key: string): boolean {
  return key.split('/').some((each) => each === '.' || each === '..' || each.startsWith(partial))
}
