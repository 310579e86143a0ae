import { contractRestoreHours, keepReleases } from '../../lib/deploy/index.ts'
import { secret, type VarsOf } from '../../lib/inventory/schema.ts'

/** Variables of the swarm role. Who is a manager and who a worker is said by the groups of these names. */
export const swarmVars = {
  type: 'object',
  additionalProperties: false,
  properties: {
    swarm_labels: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^[^\\n]*$' },
      propertyNames: { pattern: '^(?!quayside[.])' },
      default: {},
      description: "the node's labels, all of them but quayside.host: what placement constraints ask for",
    },
    swarm_availability: {
      enum: ['active', 'pause', 'drain'],
      default: 'active',
      description: 'whether it gets tasks: drain moves those it has elsewhere, pause leaves it those it has',
    },
    swarm_autolock: {
      type: 'boolean',
      default: false,
      description: 'managers that restart wait for the unlock key; taken from the first manager',
    },
    swarm_unlock_key: {
      ...secret,
      description: 'what locked managers are opened with; {state}/swarm_unlock_key unless given',
    },
    swarm_address_pools: {
      type: 'array',
      items: { type: 'string', pattern: '^[0-9.]+/[0-9]+$' },
      default: [],
      description: "where overlay networks get their addresses, as CIDR; Docker's own 10.0.0.0/8 if empty",
    },
    stack_name: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_-]{0,30}$',
      default: 'agentlab',
      description: 'what the stack is called in the swarm',
    },
    stack_settings: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description:
        'the settings of compose/swarm.env.example but for RELEASE; group_vars/all.yaml is their place',
    },
    stack_secrets: {
      type: 'object',
      additionalProperties: secret,
      default: {},
      description: 'the secrets that stand at its end, each by its source',
    },
    stack_migrate: {
      type: 'array',
      items: { type: 'string' },
      default: ['python3', '-m', 'app.migrate'],
      description: "what the api's image runs once before services are updated; empty for nothing",
    },
    deploy_contract_restore_hours: contractRestoreHours,
    deploy_keep_releases: keepReleases,
    stack_encrypted: {
      type: 'boolean',
      default: false,
      description: 'networks between nodes are encrypted (IPsec); for a stack that is not there yet',
    },
    stack_preflight: {
      enum: ['refuse', 'tell'],
      default: 'refuse',
      description: 'what becomes of a deploy that would not go well, as the look before it says',
    },
    stack_disk_free_mb: {
      type: 'integer',
      minimum: 0,
      default: 2048,
      description: "what must be free of a node's disk before images are pulled, in MB",
    },
    stack_patience_seconds: {
      type: 'integer',
      minimum: 30,
      maximum: 3600,
      default: 300,
      description: 'after which a deploy in which nothing moves is taken back',
    },
  },
} as const

export type SwarmVars = VarsOf<typeof swarmVars>
