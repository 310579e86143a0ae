import type { Flags } from '../flags.ts'

export const envFlags = {
  directory: { about: 'another folder than compose/ for the files of all stages', value: 'DIR', short: 'd' },
  check: { about: 'with init: say what it would do, and do nothing', short: 'C' },
  json: { about: 'with check and diff: a line of JSON each; all else goes to standard error' },
  write: { about: 'with example: write the examples into the folder, for all stages unless one is named' },
} as const satisfies Flags
