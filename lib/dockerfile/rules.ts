/**
 * What the linter looks for, by hadolint's number where it has the rule too, else by BuildKit's name for its own check.
 * Left out by decision: pinned versions of packages (DL3008, DL3013, DL3016, DL3018), which distributions take away
 * when the next one is there; tags of images (DL3006, DL3007), which `unpinned-image` judges wherever they stand.
 */
export const rules = {
  DL1000: 'an instruction that there is not',
  DL3000: 'a WORKDIR that depends on the one before',
  DL3002: 'an image whose processes are root',
  DL3004: 'sudo, in a build that is root already',
  DL3009: "apt's lists, left in the image",
  DL3011: 'a port that there is not',
  DL3012: 'a second HEALTHCHECK, which undoes the first',
  DL3014: 'apt-get install that asks, where nobody answers',
  DL3015: 'packages that nobody asked for',
  DL3019: "apk's index, left in the image",
  DL3020: 'ADD where COPY does it',
  DL3022: 'COPY from a stage that there is not',
  DL3023: 'COPY from the stage that it stands in',
  DL3024: 'two stages of one name',
  DL3025: 'a command that a shell has to run',
  DL3027: 'apt, which is for people',
  DL3042: "pip's cache, left in the image",
  DL3045: 'COPY to a place that depends on the base image',
  DL3057: 'an image that nobody can ask for its health',
  DL3059: 'layers that could be one',
  DL3061: 'an instruction before the first FROM',
  DL4000: 'MAINTAINER, which is gone',
  DL4003: 'a second CMD, which undoes the first',
  DL4004: 'a second ENTRYPOINT, which undoes the first',
  DL4006: 'a pipe whose failure is not seen',
  SecretsUsedInArgOrEnv: 'a secret that stays in the image, or in its history',
  UndefinedArgInFrom: 'FROM a variable that there is not',
  UndefinedStage: 'FROM a stage that there is not, or not yet',
} as const

export type Rule = keyof typeof rules

/** One thing wrong with a Dockerfile. */
export interface Problem {
  readonly rule: Rule
  /** into the file's text */
  readonly offset: number
  readonly message: string
  readonly hint: string | undefined
}

export function problem(rule: Rule, offset: number, message: string, hint?: string): Problem {
  return { rule, offset, message, hint }
}
