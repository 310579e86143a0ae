import type { Flags } from './flags.ts'

/** Flags of every playbook that say how hosts are reached. */
export const connectionFlags = {
  'ask-become-pass': { about: 'ask once for the password that sudo wants on the hosts', short: 'K' },
} as const satisfies Flags
