import type { Flags } from './flags.ts'

/** Flags of every playbook that say how hosts are reached. */
export const connectionFlags = {
  'ask-become-pass': { about: 'ask once for the password that sudo (or su) wants on the hosts', short: 'K' },
  'accept-new-host-keys': {
    about: 'add the keys of hosts that are not known to known_hosts; never a changed one',
  },
} as const satisfies Flags
