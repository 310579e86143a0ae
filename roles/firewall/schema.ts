import type { VarsOf } from '../../lib/inventory/schema.ts'

const octet = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'
const ipv4 = `${octet}([.]${octet}){3}(/([0-9]|[12][0-9]|3[0-2]))?`
const ipv6 = '[0-9a-fA-F]*:[0-9a-fA-F:.]*(/([0-9]{1,2}|1[01][0-9]|12[0-8]))?'

const address = {
  type: 'string',
  pattern: `^(${ipv4}|${ipv6})$`,
  description: 'an address, or a network as CIDR; IPv4 or IPv6',
} as const

const ports = {
  type: 'array',
  minItems: 1,
  items: {
    anyOf: [
      { type: 'integer', minimum: 1, maximum: 65535 },
      { type: 'string', pattern: '^[0-9]{1,5}-[0-9]{1,5}$' },
    ],
  },
} as const

const rules = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      tcp: { ...ports, description: 'TCP ports: 443, or a range as "8000-8010"' },
      udp: { ...ports, description: 'UDP ports' },
      protocols: {
        type: 'array',
        minItems: 1,
        items: { enum: ['gre', 'esp', 'ah', 'vrrp'] },
        description: 'what goes by IP without ports: esp of encrypted networks, vrrp',
      },
      from: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'string',
          pattern: `^(${ipv4}|${ipv6}|@[a-z][a-z0-9_]*)$`,
          description: 'an address, a network as CIDR, or "@name" for a set',
        },
        description: 'who; anyone where there is neither from nor hosts',
      },
      hosts: {
        type: 'string',
        description: 'hosts of the inventory, by a pattern: their private addresses',
      },
      comment: { type: 'string', pattern: '^[^"\\\\\n]{1,60}$', description: 'shown beside the rule' },
    },
  },
} as const

/** Variables of the firewall role. */
export const firewallVars = {
  type: 'object',
  additionalProperties: false,
  properties: {
    firewall_allow: {
      ...rules,
      description: 'what may reach the host; the role does nothing on hosts that have no such list',
    },
    firewall_deny: {
      ...rules,
      default: [],
      description: 'what may not, though a rule of firewall_allow has it',
    },
    firewall_published: {
      ...rules,
      description:
        "who may reach the ports that containers publish; without it they are Docker's affair alone",
    },
    firewall_sets: {
      type: 'object',
      additionalProperties: { type: 'array', items: address },
      default: {},
      description: 'addresses and networks by a name, for `from: ["@name"]`',
    },
    firewall_policy: {
      enum: ['drop', 'accept'],
      default: 'drop',
      description: 'what becomes of all that no rule names',
    },
    firewall_rollback_seconds: {
      type: 'integer',
      minimum: 5,
      maximum: 3600,
      default: 60,
      description: 'after which the host takes back rules that were not confirmed over a new connection',
    },
    firewall_lock_out: {
      enum: ['refuse', 'allow'],
      default: 'refuse',
      description: 'what becomes of rules that would keep out the run itself',
    },
    firewall_absent: {
      type: 'boolean',
      default: false,
      description: 'takes the firewall away, whatever the other variables say',
    },
  },
} as const

export type FirewallVars = VarsOf<typeof firewallVars>
