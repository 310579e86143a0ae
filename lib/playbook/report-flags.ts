import type { Flags } from './flags.ts'

/** Flags of every playbook that say how its run is told. */
export const reportFlags = {
  'no-live': { about: 'plain lines in a terminal too, as in CI or a pipe' },
} as const satisfies Flags
