/** Shorter texts are not looked for: they stand in everything. */
export const leastLength = 4
const leastLine = 8
const leastEncoded = 6

/** PEM's fences are the same in every key. */
const fence = /^-----(BEGIN|END) [A-Z0-9 ]+-----$/

/**
 * The texts by which a secret can show itself: as it is, as JSON, a URL, a shell's word, base64 or hex has it, and each
 * longer line of one that has several.
 */
export function formsOf(value: string): readonly string[] {
  const whole = value.trim()
  const lines = whole.split(/\r?\n/).map((line) => line.trim())
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= leastLine && !fence.test(line)) : []
  const forms = [value, whole, ...parts].flatMap((part) => [...written(part), ...base64(part), ...hex(part)])
  return [...new Set(forms)].filter((form) => form.length >= leastLength)
}

/** The lines of a text that is an encoding of a secret already. */
export function linesOf(encoded: string): readonly string[] {
  return encoded.split('\n').filter((line) => line.length >= leastLine)
}

function written(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const url = percent(text)
  const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  const lower = (encoded: string) => encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  const form = strict.replaceAll('%20', '+')
  const shell = text.replaceAll("'", `'\\''`)
  const escaped = text.replace(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&')
  return [text, json, ascii, url, strict, lower(url), lower(strict), form, shell, escaped]
}

function percent(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text // half a surrogate pair has no URL form
  }
}

/** As xxd and PostgreSQL's bytea write bytes. */
function hex(text: string): string[] {
  const digits = Buffer.from(text).toString('hex')
  return [digits, digits.toUpperCase()]
}

/**
 * How the bytes look inside base64, at each of the three places where they can begin: without the characters that
 * their neighbours have a share in. So `user:password` in an Authorization header is found as well.
 */
function base64(text: string): string[] {
  const bytes = Buffer.from(text)
  const found = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const begin = Math.ceil((shift * 8) / 6)
    const end = Math.floor(((shift + bytes.length) * 8) / 6)
    const inner = encoded.slice(begin, end)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return found.filter((form) => form.length >= leastEncoded)
}
