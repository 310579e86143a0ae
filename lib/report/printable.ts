import { stripVTControlCharacters } from 'node:util'

/**
 * Text from elsewhere (a host, a file name) as it may be shown: without escape sequences, which could move the cursor
 * or colour a terminal, and with control characters replaced. Line ends stay; tabs become spaces.
 */
export function printable(text: string): string {
  const plain = text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text
  return plain.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').replace(unseen, '\ufffd')
}

/** The same on one line. */
export function onOneLine(text: string): string {
  return printable(text).replace(/\s*\n\s*/g, ' ')
}

/** Control characters but the line end, lone surrogates, and marks that reverse the order of what follows. */
const unseen = /(?!\n)\p{Cc}|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/gu
