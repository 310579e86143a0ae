import type { Flags } from '../flags.ts'

export const infraFlags = {
  env: {
    about: 'the environment: a folder of terraform/environments and of inventory/',
    value: 'NAME',
    short: 'e',
  },
  terraform: { about: 'the program that is run (default terraform)', value: 'PROGRAM' },
  from: { about: 'another folder than terraform/environments/NAME', value: 'DIR' },
  inventory: { about: 'another folder than inventory/NAME', value: 'DIR', short: 'i' },
  backend: {
    about: 'where the state is (default backend.tfbackend in that folder, if there)',
    value: 'FILE',
  },
  'var-file': { about: 'variables, beside terraform.tfvars', value: 'FILE', counts: true },
  'lock-timeout': {
    about: 'wait so long for a lock that somebody holds: 30s, 10m (default 0s)',
    value: 'TIME',
  },
  yes: { about: 'apply the plan without asking: for CI' },
  expect: { about: 'apply only a plan that reads as the one with this number did', value: 'NUMBER' },
  'destroy-data': {
    about: 'this may be destroyed or replaced with the data that it holds; once for each',
    value: 'ADDRESS',
    counts: true,
  },
  to: {
    about: 'with rollback: the commit (default the one before the last that changed it)',
    value: 'COMMIT',
  },
  json: { about: 'with output: as JSON, without the sensitive ones' },
  check: {
    about: 'with inventory: show what would change, and change nothing; exit 3 where something would',
    short: 'C',
  },
  force: { about: 'replace a hosts.yaml that a person wrote' },
} as const satisfies Flags
