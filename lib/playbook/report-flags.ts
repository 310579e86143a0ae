import type { Flags } from './flags.ts'

/** Flags of every playbook that say how its run is told. */
export const reportFlags = {
  json: { about: 'events as JSON, one a line, on standard output (docs/schemas/events.schema.json)' },
  junit: { about: 'write a JUnit report: a suite a host, a case a resource', value: 'FILE' },
  report: { about: 'write a page with timeline, changes and failures: run.html', value: 'FILE' },
  profile: { about: 'list at the end what took longest' },
  'no-live': { about: 'plain lines in a terminal too, as in CI or a pipe' },
} as const satisfies Flags
