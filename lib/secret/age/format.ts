const begin = '-----BEGIN AGE ENCRYPTED FILE-----'
const version = 'age-encryption.org/v1'

/** Whether bytes are a file of age, armored or binary. */
export function isAge(bytes: Uint8Array): boolean {
  return isArmored(bytes) || ascii(bytes.subarray(0, version.length)) === version
}

/** The binary form of a file of age; throws an Error when its armor is damaged. */
export async function unarmored(bytes: Uint8Array): Promise<Uint8Array> {
  if (!isArmored(bytes)) return bytes
  const { armor } = await import('age-encryption')
  return armor.decode(ascii(bytes))
}

/**
 * The kinds of recipients that a binary file names in its header, one each: "X25519", "scrypt" (a passphrase),
 * "ssh-ed25519". Which X25519 key it is, a header does not tell.
 */
export function recipientKinds(binary: Uint8Array): readonly string[] {
  const kinds: string[] = []
  for (const line of ascii(binary.subarray(0, 1 << 20)).split('\n')) {
    if (line.startsWith('---')) break
    if (line.startsWith('-> ')) kinds.push(line.split(' ')[1] ?? '')
  }
  return kinds
}

function isArmored(bytes: Uint8Array): boolean {
  return ascii(bytes.subarray(0, 1024)).trimStart().startsWith(begin)
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
