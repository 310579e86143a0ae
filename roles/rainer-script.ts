/** A text in rsyslog's configuration language, whatever is in it. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"$]/g, (sign) => `\\${sign}`)}"`
}
