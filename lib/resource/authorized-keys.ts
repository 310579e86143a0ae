import { oneLine } from './argument.ts'
import { type KeysSeen, keysProbe, readKeys, writeKeys } from './authorized-keys-file.ts'
import { addedText, unifiedDiff } from './diff.ts'
import { accountName } from './group.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged, unknown } from './resource.ts'
import { type KeyLine, keyName, keyText, readKeyLine } from './ssh-key-line.ts'
import { accessChanges, type Standing } from './standing.ts'

export interface AuthorizedKeyOptions extends Common {
  /** what sshd lets the key do: `from="10.0.0.0/8",no-pty`; nothing withheld unless told */
  readonly options?: string | undefined
}

export interface AuthorizedKeysOptions extends Common {
  /** no other key stays; the one that the run itself logs in with must then be among them */
  readonly exclusive?: boolean | undefined
}

/** A public key that a user may log in with, as it stands in a .pub file. Its comment makes no difference. */
export function authorizedKey(user: string, key: string, options: AuthorizedKeyOptions = {}): Resource {
  const wanted = parsed(key)
  const given = options.options === undefined ? wanted.options : checkedOptions(options.options, wanted)
  return keysOf(user, `authorized key ${keyName(wanted)} of ${user}`, options, (lines) =>
    withKeys(lines, [{ ...wanted, options: given }]),
  )
}

/** Public keys that a user may log in with, a line of authorized_keys each, options in front where there are any. */
export function authorizedKeys(
  user: string,
  keys: readonly string[],
  options: AuthorizedKeysOptions = {},
): Resource {
  const { exclusive = false } = options
  const wanted = keys.map(parsed)
  if (wanted.length === 0 && !exclusive) throw new TypeError('authorizedKeys needs at least one key')
  if (new Set(wanted.map(({ key }) => key)).size < wanted.length)
    throw new TypeError('a key stands there twice')
  return keysOf(user, `authorized keys of ${user}`, options, (lines) => {
    const ours = (line: string) => wanted.some(({ key }) => key === readKeyLine(line)?.key)
    const kept = exclusive ? lines.filter((line) => isNote(line) || ours(line)) : lines
    return withKeys(kept, wanted)
  })
}

/** A public key that a user may no longer log in with, whatever its options. */
export function absentAuthorizedKey(user: string, key: string, options: Common = {}): Resource {
  const unwanted = parsed(key)
  return keysOf(
    user,
    `authorized key ${keyName(unwanted)} of ${user}`,
    options,
    (lines) => lines.filter((line) => readKeyLine(line)?.key !== unwanted.key),
    true,
  )
}

/** The file's lines with each of these keys once, with its own options: a second line could grant what the first withholds. */
function withKeys(lines: readonly string[], wanted: readonly KeyLine[]): readonly string[] {
  const missing = new Map(wanted.map((each) => [each.key, each]))
  const known = new Map(missing)
  const kept = lines.flatMap((line) => {
    const is = readKeyLine(line)
    const wish = is === undefined ? undefined : known.get(is.key)
    if (is === undefined || wish === undefined) return [line]
    if (!missing.delete(is.key)) return []
    return [is.options === wish.options ? line : keyText({ ...wish, comment: is.comment })]
  })
  return [...kept, ...[...missing.values()].map(keyText)]
}

function keysOf(
  user: string,
  id: string,
  { notify }: Common,
  edit: (lines: readonly string[]) => readonly string[],
  absent = false,
): Resource {
  accountName(user, 'user')
  return resource({
    id,
    probe: keysProbe(user),
    read: ({ stdout }) => readKeys(stdout),
    plan: (is) => {
      if (is === undefined) return absent ? unchanged : unknown(`the user ${user} is not there`)
      if (is.homeIs.type !== 'directory') {
        return absent ? unchanged : unknown(`the home of ${user}, ${is.home}, is not there`)
      }
      refuseOthers(is)
      if (absent && is.content === undefined) return unchanged
      return planKeys(is, edit)
    },
    notify,
  })
}

function planKeys(is: KeysSeen, edit: (lines: readonly string[]) => readonly string[]): Plan {
  const before = is.content?.split('\n') ?? []
  if (before.at(-1) === '') before.pop()
  const after = edit(before)
  const text = after.map((line) => `${line}\n`).join('')
  const same =
    is.content !== undefined &&
    after.length === before.length &&
    after.every((line, at) => line === before[at])
  const parts = [
    ...(same ? [] : keyChanges(before, after)),
    ...(is.folder.type === 'absent' ? [] : accessOf('~/.ssh', is, is.folder, 0o700)),
    ...(is.file.type === 'absent' ? [] : accessOf('the file', is, is.file, 0o600)),
  ]
  if (parts.length === 0) return unchanged
  return {
    kind: 'change',
    summary: parts.join(', '),
    ...(same ? {} : { diff: shown(is.content ?? '', text) }),
    apply: writeKeys(is, same ? (is.content ?? '') : text),
  }
}

function keyChanges(before: readonly string[], after: readonly string[]): string[] {
  const names = (lines: readonly string[]) =>
    new Map(lines.flatMap((line) => [readKeyLine(line) ?? []].flat()).map((key) => [key.key, keyName(key)]))
  const [old, next] = [names(before), names(after)]
  const added = [...next].filter(([key]) => !old.has(key)).map(([, name]) => name)
  const removed = [...old].filter(([key]) => !next.has(key)).map(([, name]) => name)
  const parts = [
    ...(added.length === 0 ? [] : [`add ${added.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`remove ${removed.join(', ')}`]),
  ]
  return parts.length === 0 ? ['lines changed'] : parts
}

function accessOf(what: string, { uid }: KeysSeen, is: Standing, mode: number): string[] {
  return accessChanges(is, { mode, owner: uid, group: is.group }).map((change) => `${what}: ${change}`)
}

function shown(before: string, after: string): string {
  const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')
  return before === '' ? addedText(text(after)) : unifiedDiff(text(before), text(after))
}

/** What the user could have put there to lead us elsewhere is not followed. */
function refuseOthers({ home, folder, file }: KeysSeen): void {
  const refuse = (path: string, type: string, should: string) => {
    throw new Conflict(`a ${type} stands at ${path}, where a ${should} should be`, {
      hint: 'look at where it leads, and remove it',
    })
  }
  if (folder.type !== 'absent' && folder.type !== 'directory')
    refuse(`${home}/.ssh`, folder.type, 'directory')
  if (file.type !== 'absent' && file.type !== 'file')
    refuse(`${home}/.ssh/authorized_keys`, file.type, 'file')
}

function isNote(line: string): boolean {
  return line.trim() === '' || line.trim().startsWith('#')
}

function parsed(key: string): KeyLine {
  const read = readKeyLine(oneLine(key.trim(), 'public key'))
  if (read === undefined) {
    throw new TypeError(
      `no public key as a .pub file holds it (ssh-ed25519 AAAA… comment): ${JSON.stringify(key)}`,
    )
  }
  return read
}

function checkedOptions(options: string, key: KeyLine): string {
  const read = options === '' ? key : readKeyLine(keyText({ ...key, options: oneLine(options, 'options') }))
  if (read?.key !== key.key || (options !== '' && read.options !== options)) {
    throw new TypeError(
      `options of a key are one word, with blanks in double quotes only: ${JSON.stringify(options)}`,
    )
  }
  return options
}
