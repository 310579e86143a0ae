import { execFile } from 'node:child_process'
import { accessSync, constants, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

export const folder = fileURLToPath(new URL('../../terraform', import.meta.url))

/** The first of terraform and tofu that this machine has, or undefined. */
export const binary = ['terraform', 'tofu']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((path) => join(path, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** A copy of terraform/ in which a test may make mistakes. */
export interface Copy extends Disposable {
  readonly folder: string
  text(file: string): string
  /** Replaces text of a file, which must be there: a mistake that was not made would pass for one that was not found. */
  replace(file: string, from: string, to: string): void
}

export function copied(): Copy {
  const copy = mkdtempSync(join(tmpdir(), 'terraform-'))
  cpSync(folder, copy, { recursive: true })
  return {
    folder: copy,
    text: (file) => readFileSync(join(copy, file), 'utf8'),
    replace(file, from, to) {
      const path = join(copy, file)
      const text = readFileSync(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFileSync(
        path,
        text.replace(from, () => to),
      )
    },
    [Symbol.dispose]: () => rmSync(copy, { recursive: true, force: true }),
  }
}

export interface Ran {
  readonly code: number
  /** both streams, without colours and frames, its lines joined: messages are folded at 80 columns */
  readonly text: string
  /** the standard output as it was */
  readonly raw: string
}

/** Runs terraform in a folder, with `reattach` in the place of providers; `more` is added to its environment. */
export function run(
  words: readonly string[],
  cwd: string,
  reattach: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  if (binary === undefined) throw new Error('there is no terraform here')
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    TF_REATTACH_PROVIDERS: reattach,
    TF_IN_AUTOMATION: '1',
    ...more,
  }
  return new Promise((done) =>
    execFile(binary, words, { cwd, env, maxBuffer: 1 << 24 }, (error, out, err) =>
      done({
        code: error === null ? 0 : Number(error.code ?? 1),
        raw: out,
        text: stripVTControlCharacters(`${out}${err}`).replaceAll(/[│╷╵\s]+/g, ' '),
      }),
    ),
  )
}
