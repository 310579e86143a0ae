import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { peerVars } from '../log-store/peers.ts'

/** Variables of the log-collector role. None is required: without a host in the group `logs` it does nothing. */
export const logCollectorVars = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...peerVars,
    log_collector_certificate: {
      ...secret,
      description: "the collectors' certificate, by that authority: PEM",
    },
    log_collector_key: { ...secret, description: 'the key of that certificate' },
    log_collector_queue_mb: {
      type: 'integer',
      minimum: 16,
      maximum: 102_400,
      default: 512,
      description:
        'what is kept on the host while the store is away: a thousand lines a megabyte; then files of Docker are left unread',
    },
  },
} as const

export type LogCollectorVars = VarsOf<typeof logCollectorVars>
