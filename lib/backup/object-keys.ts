import { ending } from './sealed.ts'

/** Where each part of a backup is, below its folder; `part` is the word of its record. */
export const objectKeys = {
  globals: `postgres/globals.sql${ending}`,
  database: (name: string) => `postgres/${word(name)}.dump${ending}`,
  /** the rows of some of its tables; numbers from 1 on */
  rows: (name: string, number: number) => `postgres/rows/${word(name)}/${number}.dump${ending}`,
  redis: `redis.rdb${ending}`,
  volume: (host: string, kind: 'volume' | 'path', name: string) =>
    `${kind}s/${word(host)}/${word(name)}.tar${ending}`,
} as const

/** A name as a word of a key: bytes other than letters, digits and `._-` as `=2F`. Two names never make one word. */
export function word(name: string): string {
  const bytes = [...Buffer.from(name)]
  const text = bytes
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9_.-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
  return /^\.+$/.test(text) ? text.replaceAll('.', '=2E') : text
}
