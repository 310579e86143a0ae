/** A line of an authorized_keys file that holds a key (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export interface KeyLine {
  /** `from="10.0.0.0/8",no-pty`; "" for none */
  readonly options: string
  /** "ssh-ed25519" */
  readonly type: string
  /** the key in base64: what makes two lines the same key */
  readonly key: string
  readonly comment: string
}

const keyTypes =
  /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/

/** Reads one line; undefined for an empty one, a comment, or what sshd could not read as a key either. */
export function readKeyLine(line: string): KeyLine | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return undefined
  const first = wordEnd(text)
  const bare = keyTypes.test(text.slice(0, first))
  const options = bare ? '' : text.slice(0, first)
  const [, type = '', key = '', comment = ''] =
    /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(bare ? text : text.slice(first).trim()) ?? []
  if (!keyTypes.test(type) || !/^[A-Za-z0-9+/]{20,}={0,3}$/.test(key)) return undefined
  return { options, type, key, comment }
}

/** What a person calls a key: "ssh-ed25519 alice@laptop", or the end of the key where it has no comment. */
export function keyName({ type, key, comment }: KeyLine): string {
  return `${type} ${comment === '' ? `…${key.slice(-12)}` : comment}`
}

export function keyText({ options, type, key, comment }: KeyLine): string {
  return [options, type, key, comment].filter((part) => part !== '').join(' ')
}

/** Where the first word ends; a blank between double quotes does not end it, nor does \" end the quotes. */
function wordEnd(text: string): number {
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '\\' && text[at + 1] === '"') at += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && (char === ' ' || char === '\t')) return at
  }
  return text.length
}
