import { createHash } from 'node:crypto'
import { type Content, isSecret, join, Secret } from '../secret/index.ts'

/** What a file shall hold: text, text with a secret in it, or bytes. */
export type FileContent = Content | Uint8Array

/** SHA-256 in hex. The text of a secret is looked at here, in memory, and goes nowhere. */
export function sha256(content: FileContent): string {
  const bytes = content instanceof Secret ? content.reveal() : content
  return createHash('sha256').update(bytes).digest('hex')
}

/** The text to show in a diff; undefined for a secret and for what is not text. */
export function printable(content: FileContent): string | undefined {
  if (isSecret(content)) return undefined
  const text = typeof content === 'string' ? content : decoded(content)
  return text?.includes('\0') ? undefined : text
}

/** UTF-8 as text; undefined for bytes that are not. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The content below a first line of its own; a "#!" line stays first. */
export function withHeader(content: Content, header: string): Content {
  const text = content instanceof Secret ? content.reveal() : content
  const end = text.startsWith('#!') ? text.indexOf('\n') + 1 || text.length : 0
  const part = (piece: string): Content => (content instanceof Secret ? new Secret(piece, 'composed') : piece)
  return join([part(text.slice(0, end)), `${header}\n`, part(text.slice(end))], '')
}

/** A line of an .env file as Compose reads it, in single quotes, where nothing is interpolated. */
export function environmentLine(name: string, value: Content): Content {
  const text = value instanceof Secret ? value.reveal() : value
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`not a name for a variable: ${JSON.stringify(name)}`)
  if (/['\n\r\0]/.test(text)) throw new TypeError(`the value of ${name} holds a quote or a line break`)
  return join([`${name}='`, value, "'\n"], '')
}
