import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { peerVars } from './peers.ts'

/** Variables of the log-store role. */
export const logStoreVars = {
  type: 'object',
  additionalProperties: false,
  required: ['log_ca', 'log_store_certificate', 'log_store_key'],
  properties: {
    ...peerVars,
    log_store_certificate: { ...secret, description: "the store's certificate, by that authority: PEM" },
    log_store_key: { ...secret, description: 'the key of that certificate' },
    log_store_keeps: {
      enum: ['files', 'journal'],
      default: 'files',
      description:
        'JSON lines in HOST/SERVICE/DATE.jsonl, or a journal of its own that journalctl searches by field',
    },
    log_store_folder: {
      type: 'string',
      pattern: '^/[A-Za-z0-9._/-]+$',
      default: '/var/log/quayside-store',
      description: 'where the files are; nothing else should be in it',
    },
    log_store_days: {
      type: 'integer',
      minimum: 1,
      maximum: 3650,
      default: 30,
      description: 'what is older goes',
    },
    log_store_mb: {
      type: 'integer',
      minimum: 64,
      maximum: 10_485_760,
      default: 4096,
      description: 'of all that more, the oldest goes before its time',
    },
    log_store_free_mb: {
      type: 'integer',
      minimum: 16,
      maximum: 1_048_576,
      default: 256,
      description: 'with less free on the disk of the files the store takes nothing, and the collectors wait',
    },
  },
} as const

export type LogStoreVars = VarsOf<typeof logStoreVars>
