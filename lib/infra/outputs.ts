import { Ajv } from 'ajv'
import { messageOf, QuaysideError } from '../error.ts'
import { asked, type Terraform } from './terraform.ts'

/** A host as terraform's output `hosts` has it: terraform/modules/aws/outputs.tf. */
export interface MadeHost {
  readonly tier: string
  readonly host: string
  readonly private_address: string
  /** the host to go through; null for one that is reached by itself */
  readonly jump: string | null
  /** of SSH, where it is not 22 */
  readonly port?: number
  /** the disk apart of a database's host */
  readonly data_device?: string | null
}

export interface Made {
  readonly hosts: Readonly<Record<string, MadeHost>>
  readonly user: string
}

const hostsSchema = {
  type: 'object',
  propertyNames: { pattern: '^[a-z][a-z0-9-]*$' },
  minProperties: 1,
  additionalProperties: {
    type: 'object',
    required: ['tier', 'host', 'private_address', 'jump'],
    properties: {
      tier: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' },
      host: { type: 'string', minLength: 1 },
      private_address: { type: 'string', minLength: 1 },
      jump: { type: ['string', 'null'] },
      port: { type: 'integer', minimum: 1, maximum: 65535 },
      data_device: { type: ['string', 'null'] },
    },
  },
} as const

/**
 * The hosts of what was made, by `terraform output`. Each output is asked for by its name, so that no secret one is read. Throws a QuaysideError where nothing was applied, or where it is something else.
 */
export async function madeBy(terraform: Terraform): Promise<Made> {
  const [hosts, user] = await Promise.all([output(terraform, 'hosts'), output(terraform, 'ssh_user')])
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
  if (!ajv.validate<Made['hosts']>(hostsSchema, hosts))
    throw new QuaysideError(`the output hosts is not what the modules give: ${ajv.errorsText()}`)
  if (typeof user !== 'string') throw new QuaysideError('the output ssh_user is no text')
  for (const [name, { jump }] of Object.entries(hosts))
    if (jump !== null && hosts[jump] === undefined)
      throw new QuaysideError(`${name} is reached through ${jump}, and there is no such host`)
  return { hosts, user }
}

async function output(terraform: Terraform, name: string): Promise<unknown> {
  const { folder, program } = terraform
  try {
    return JSON.parse(await asked(terraform, ['output', '-no-color', '-json', name]))
  } catch (error) {
    throw new QuaysideError(`${program} gives no output ${name} in ${folder}: ${messageOf(error)}`, {
      hint: 'infra.ts apply comes first: docs/infrastructure.md',
      cause: error,
    })
  }
}

/** An output as `terraform output -json` has it: what is sensitive is in it as it is. */
export interface Output {
  readonly sensitive: boolean
  readonly value: unknown
}

/** Every output of what was made; none where nothing was. */
export async function allOutputs(terraform: Terraform): Promise<Readonly<Record<string, Output>>> {
  return JSON.parse(await asked(terraform, ['output', '-no-color', '-json'])) as Record<string, Output>
}
