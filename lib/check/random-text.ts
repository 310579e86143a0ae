/** A run of the characters of base64, base64url and hex; paths and names with dots are cut into their parts. */
const run = /[A-Za-z0-9_+=-]{24,}/g

/** What is public and looks like chance: digests and integrity sums, SSH public keys, age's recipients. */
const sum = /(^|[@=(])sha(1|256|384|512)[:-]/
const publicKey = /^(AAAA[A-Z]|age1)/

/** Where a text holds what looks like a key or token: long, of mixed letters and digits, and as good as random. */
export function randomTexts(text: string): readonly number[] {
  return [...text.matchAll(run)].flatMap((match) => {
    const [token] = match
    // The word that it is a part of: slashes have cut it.
    const [before = ''] = /[^\s"'`,]*$/.exec(text.slice(Math.max(0, match.index - 100), match.index)) ?? []
    if (sum.test(before + token) || publicKey.test(token) || !isRandom(token)) return []
    return [match.index]
  })
}

/** Entropy of the letters, and how often their kind changes: words in camelCase or snake_case change seldom. */
function isRandom(token: string): boolean {
  const kinds = [...token].map((letter) => (/\d/.test(letter) ? 'd' : /[A-Z]/.test(letter) ? 'u' : 'l'))
  const counts = (kind: string) => kinds.filter((each) => each === kind).length
  if (counts('d') < 3 || counts('u') < 3 || counts('l') < 3) return false
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length
  return changes >= token.length / 3 && entropy(token) >= 3.8
}

/** Bits a letter, by Shannon. */
function entropy(token: string): number {
  const counts = new Map<string, number>()
  for (const letter of token) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / token.length) * Math.log2(count / token.length)
  return bits
}
