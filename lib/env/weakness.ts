const least = 16
const leastDifferent = 8

/** What default installations and tutorials have, and what is tried first. */
const known =
  /^(pass(word|wd)?|secret|change[-_ ]?(me|it|this)|admin|root|postgres(ql)?|redis|app|test|dev|example|default|letmein|qwerty|todo|xxx+|your[-_ ].*|\.+|(0?1234.*))[\d!._-]*$/i

/** Why a password or key can be guessed, or undefined: "is one that is tried first". */
export function weakness(text: string): string | undefined {
  if (known.test(text)) return 'is one that is tried first'
  if (text.length < least) return `has fewer than ${least} characters`
  if (new Set(text).size < leastDifferent) return 'repeats a few characters'
  return undefined
}
