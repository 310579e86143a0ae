const characters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  // What is put in later is spared by the double dollar sign.
  $: '$$',
}

/** A text between double quotes with its escapes replaced as Docker Compose does; others (\x, \u, \c) stay as they are. */
export function escaped(text: string): string {
  return text.replaceAll(/\\(?:([abfnrtv$"\\])|0(\d{0,3}))/g, (all, letter?: string, digits = '') => {
    if (letter !== undefined) return characters[letter] ?? all
    // Go knows octal characters of three digits alone, up to 377; Compose then leaves the zero out.
    return /^[0-3][0-7]{2}$/.test(digits) ? String.fromCharCode(Number.parseInt(digits, 8)) : `\\${digits}`
  })
}
