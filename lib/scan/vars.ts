import type { VarsOf } from '../inventory/schema.ts'
import { severities } from './finding.ts'

const url = { type: 'string', pattern: '^https?://[^\\s@]+$' } as const

const always = {
  image: {
    type: 'string',
    minLength: 1,
    description: 'of this image alone: its repository, or a whole reference',
  },
  until: {
    type: 'string',
    pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
    description: 'the last day on which it holds, in UTC',
  },
  why: { type: 'string', minLength: 3 },
} as const

/** What it is that does not count: a package, a flaw by its id, or that an image cannot be scanned. */
const exception = {
  anyOf: [
    {
      type: 'object',
      additionalProperties: false,
      required: ['package', 'until', 'why'],
      properties: {
        package: { type: 'string', minLength: 1, description: 'as the report names it' },
        ...always,
      },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['cve', 'until', 'why'],
      properties: {
        cve: {
          type: 'string',
          pattern: '^[A-Z][A-Z0-9]*-[\\w-]+$',
          description: 'CVE-2026-1234, or another id',
        },
        ...always,
      },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['unscanned', 'until', 'why'],
      properties: {
        unscanned: { const: true, description: 'that an image cannot be scanned' },
        ...always,
      },
    },
  ],
} as const

/** Variables of the image-scan role: how images are scanned, and what a deploy makes of it. */
export const scanVars = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    deploy_scan: {
      enum: ['off', 'report', 'refuse'],
      default: 'off',
      description:
        "before a deploy: nothing, a report, or a refusal where the release's images have findings that count, or could not be scanned",
    },
    scan_with: {
      enum: ['auto', 'trivy', 'debian'],
      default: 'auto',
      description:
        'auto: trivy where the host or this machine has it, else the security suites of Debian and Ubuntu',
    },
    scan_fail_on: {
      enum: ['fix', ...severities],
      default: 'fix',
      description:
        'what counts: any fix that is pending, or what is at least so severe, with a fix or without; of unknown severity always',
    },
    scan_mirrors: {
      type: 'object',
      additionalProperties: false,
      properties: { debian: url, ubuntu: url },
      default: {},
      description: "of the security suites; the host's own, or the distribution's unless given",
    },
    scan_ignore: {
      type: 'array',
      items: exception,
      default: [],
      description: 'findings that do not count until a day: one of package, cve and unscanned, and why',
    },
  },
} as const

export type ScanVars = VarsOf<typeof scanVars>
export type Exception = ScanVars['scan_ignore'][number]
