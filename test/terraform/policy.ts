import { type Body, blocksOf, bodyOf, type Declared, type Module, textsIn } from './parsed.ts'

/** What a module makes that no host of ours may be: open, readable by all, unencrypted, or able to do everything. */
export function policyFaults(module: Module): readonly string[] {
  return module.declared.flatMap((each) =>
    [...open(each, module), ...unencrypted(each), ...exposed(each, module), ...tooMuch(each)].map(
      (what) => `${each.type}.${each.name}: ${what}`,
    ),
  )
}

/** Everybody, as the three clouds write it. */
const everybody = new Set(['0.0.0.0/0', '::/0', '*', 'Internet', 'Any', '0.0.0.0', 'any'])

/** Rules by which all of the internet gets in or out, by another port than 80 and 443. */
function open({ body, type }: Declared, module: Module): readonly string[] {
  const ports = firewalls[type]?.(body) ?? []
  return ports
    .filter(({ from }) => from.some((each) => everybody.has(String(each))))
    .filter(({ ports }) => !ports.every((port) => isPublic(port, body, module)) || ports.length === 0)
    .map(() => 'is open to the world, and not on 80 and 443 alone')
}

interface Opening {
  /** whom it lets in, or where it lets go */
  readonly from: readonly unknown[]
  readonly ports: readonly unknown[]
}

const firewalls: Readonly<Record<string, (body: Body) => readonly Opening[]>> = {
  aws_vpc_security_group_ingress_rule: awsRule,
  aws_vpc_security_group_egress_rule: awsRule,
  aws_security_group_rule: (body) => [awsList(body)],
  aws_security_group: (body) => [...blocksOf(body.ingress), ...blocksOf(body.egress)].map(awsList),
  aws_default_security_group: (body) => [...blocksOf(body.ingress), ...blocksOf(body.egress)].map(awsList),
  google_compute_firewall: (body) =>
    blocksOf(body.allow).map(({ ports }) => ({
      // A rule that names nobody lets everybody in.
      from: listOf(
        body.source_ranges ??
          body.destination_ranges ??
          (body.source_tags || body.source_service_accounts ? [] : ['any']),
      ),
      ports: listOf(ports),
    })),
  azurerm_network_security_rule: azureRule,
  azurerm_network_security_group: (body) => blocksOf(body.security_rule).flatMap(azureRule),
}

function awsRule(body: Body): readonly Opening[] {
  return [{ from: [body.cidr_ipv4, body.cidr_ipv6], ports: [body.from_port, body.to_port] }]
}

function awsList(body: Body): Opening {
  return {
    from: [...listOf(body.cidr_blocks), ...listOf(body.ipv6_cidr_blocks)],
    ports: [body.from_port, body.to_port],
  }
}

function azureRule(body: Body): readonly Opening[] {
  if (body.access !== 'Allow') return []
  const end = body.direction === 'Outbound' ? 'destination' : 'source'
  const ports = [body.destination_port_range, ...listOf(body.destination_port_ranges)]
  return [
    {
      from: [body[`${end}_address_prefix`], ...listOf(body[`${end}_address_prefixes`])],
      ports: ports.filter((port) => port !== undefined),
    },
  ]
}

/** 80 or 443: as it stands, or of a for_each over nothing else. */
function isPublic(port: unknown, { for_each }: Body, { locals }: Module): boolean {
  if (['80', '443'].includes(String(port))) return true
  const ofEach = /^\$\{(?:tostring\()?each\.value(?:\.port)?\)?\}$/.test(String(port))
  const over = /^\$\{local\.(\w+)\}$/.exec(String(for_each))?.[1]
  if (!ofEach || over === undefined) return false
  // ways_out is each tier by each of public_ports.
  const source =
    over === 'ways_out' && String(locals.ways_out).includes('local.public_ports') ? 'public_ports' : over
  const values = Object.values(bodyOf(locals[source]))
  return values.length > 0 && values.every((value) => value === 80 || value === 443)
}

/** Arguments without which something is kept, or sent, in the clear. Google and Azure encrypt every disk themselves. */
const encryption: Readonly<Record<string, (body: Body) => boolean>> = {
  aws_ebs_volume: ({ encrypted }) => encrypted === true,
  aws_instance: ({ ebs_block_device, root_block_device }) =>
    blocksOf(root_block_device).length === 1 &&
    [...blocksOf(root_block_device), ...blocksOf(ebs_block_device)].every(
      ({ encrypted }) => encrypted === true,
    ),
  aws_db_instance: ({ storage_encrypted }) => storage_encrypted === true,
  aws_elasticache_replication_group: ({
    at_rest_encryption_enabled: rest,
    transit_encryption_enabled: way,
  }) => rest === true && way === true,
  aws_ecr_repository: ({ encryption_configuration }) => blocksOf(encryption_configuration).length === 1,
  google_redis_instance: ({ transit_encryption_mode }) => transit_encryption_mode === 'SERVER_AUTHENTICATION',
  google_sql_database_instance: ({ settings }) =>
    blocksOf(settings)
      .flatMap(({ ip_configuration }) => blocksOf(ip_configuration))
      .some(({ ssl_mode }) => ssl_mode === 'ENCRYPTED_ONLY'),
  azurerm_storage_account: ({ https_traffic_only_enabled: https, min_tls_version }) =>
    https === true && min_tls_version === 'TLS1_2',
  azurerm_redis_cache: ({ non_ssl_port_enabled: plain, minimum_tls_version }) =>
    plain === false && minimum_tls_version === '1.2',
}

function unencrypted({ body, type }: Declared): readonly string[] {
  return encryption[type]?.(body) === false ? ['is not encrypted'] : []
}

/** Buckets and databases that the world could read, with what keeps it from them. */
function exposed({ body, name, type }: Declared, module: Module): readonly string[] {
  const beside = (other: string) =>
    module.declared.find((each) => each.type === other && each.name === name)?.body ?? {}
  const locks = ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']
  const closed: Readonly<Record<string, () => boolean>> = {
    aws_s3_bucket: () => locks.every((lock) => beside('aws_s3_bucket_public_access_block')[lock] === true),
    aws_db_instance: () => body.publicly_accessible === false,
    google_storage_bucket: () =>
      body.public_access_prevention === 'enforced' && body.uniform_bucket_level_access === true,
    google_sql_database_instance: () => textsAt(body, 'ipv4_enabled').every((value) => value === false),
    azurerm_storage_account: () =>
      body.allow_nested_items_to_be_public === false && body.shared_access_key_enabled === false,
    azurerm_storage_container: () => body.container_access_type === 'private',
    azurerm_container_registry: () => body.anonymous_pull_enabled === false && body.admin_enabled === false,
    azurerm_postgresql_flexible_server: () => body.public_network_access_enabled === false,
    azurerm_redis_cache: () => body.public_network_access_enabled === false,
  }
  const bare = type === 'aws_s3_bucket' && {
    unencrypted: 'aws_s3_bucket_server_side_encryption_configuration',
    'without versions': 'aws_s3_bucket_versioning',
  }
  return [
    ...(closed[type]?.() === false ? ['could be read by the world'] : []),
    ...Object.entries(bare || {})
      .filter(([, other]) => Object.keys(beside(other)).length === 0)
      .map(([what]) => `is ${what}`),
    ...(/_member$|_binding$/.test(type) &&
    /^(allUsers|allAuthenticatedUsers)$/m.test(textsIn(body).join('\n'))
      ? ['is for all users']
      : []),
  ]
}

/** Policies that say "all": of actions, of resources, of roles. */
function tooMuch({ body, type }: Declared): readonly string[] {
  if (type === 'aws_iam_policy_document')
    return blocksOf(body.statement)
      .filter(({ effect }) => effect !== 'Deny')
      .flatMap(({ actions, not_actions, resources }) => [
        ...(not_actions !== undefined || listOf(actions).some((each) => String(each).includes('*'))
          ? ['allows actions by a wildcard']
          : []),
        // AWS has no resource for signing in to a registry.
        ...(listOf(resources).includes('*') && String(listOf(actions)) !== 'ecr:GetAuthorizationToken'
          ? ['allows something on every resource']
          : []),
      ])
  if (type === 'azurerm_role_definition')
    return blocksOf(body.permissions).some(({ actions, data_actions }) =>
      [...listOf(actions), ...listOf(data_actions)].some((each) => String(each).includes('*')),
    )
      ? ['allows actions by a wildcard']
      : []
  const broad = /^(roles\/(owner|editor|viewer|.*[aA]dmin)|Owner|Contributor|User Access Administrator)$/
  const role = body.role ?? body.role_definition_name
  if (typeof role === 'string' && broad.test(role)) return [`gives the role ${role}`]
  const policy = body.policy ?? body.inline_policy
  if (
    /^aws_iam_(role_|user_|group_)?policy$/.test(type) &&
    !/^\$\{data\.aws_iam_policy_document\./.test(String(policy))
  )
    return ['has a policy of its own: it is checked as a data.aws_iam_policy_document']
  if (type === 'aws_iam_role_policy_attachment' || type === 'aws_iam_user')
    return ['is more than a host needs']
  return []
}

/** What a key has, wherever in a body it stands. */
function textsAt(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => (name === key ? [each] : textsAt(each, key)))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
}
