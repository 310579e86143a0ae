import { secret } from '../../lib/inventory/schema.ts'
import { privateNames } from '../../lib/secret/private-ca.ts'

const name = { type: 'string', pattern: '^[A-Za-z0-9.-]+$' } as const

/** What the store and those who send to it both go by. */
export const peerVars = {
  log_ca: {
    ...secret,
    description: 'the authority whose certificates the store and the collectors know each other by: PEM',
  },
  log_store_port: {
    type: 'integer',
    minimum: 1024,
    maximum: 65535,
    default: 2514,
    description: 'of the store, on its private address: RELP over TLS',
  },
  log_store_name: {
    ...name,
    default: privateNames.server,
    description: "the name that the store's certificate is made out to",
  },
  log_collector_name: {
    ...name,
    default: privateNames.client,
    description:
      "the name that the collectors' certificate is made out to: the store takes lines from no other",
  },
} as const
