import type { Answer, Asked } from '../compose/https.ts'

/** A stack that runs, as its checks see it. */
export interface Running {
  /** asks it over https, as the world does */
  ask(path: string, asked?: Asked): Promise<Answer>
  /** runs a command in a service's container; `text` is all that it printed */
  inside(service: string, words: readonly string[]): Promise<{ readonly ok: boolean; readonly text: string }>
}

/** One thing that has to be so. `run` gives what is to be said of it, or throws a CheckError that says what is not. */
export interface Check {
  readonly name: string
  run(stack: Running): Promise<string>
}

/** What is not as it has to be. */
export class CheckError extends Error {
  override readonly name = 'CheckError'
}

/** Throws a CheckError unless it is so. */
export function demand(so: boolean, otherwise: string): asserts so {
  if (!so) throw new CheckError(otherwise)
}
