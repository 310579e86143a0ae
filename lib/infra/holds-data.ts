import type { RawResource } from './plan-json.ts'

/**
 * The last words of the kinds that hold what nobody can make again. Words that are too many cost a flag on the command line;
 * one that is missing, a database.
 */
const kinds = [
  // databases
  ...[
    'database',
    'sql_database',
    'db_instance',
    'rds_cluster',
    'database_instance',
    'flexible_server',
    'sql_server',
  ],
  ...[
    'managed_instance',
    'mysql_server',
    'postgresql_server',
    'redis_instance',
    'redis_cluster',
    'redis_cache',
  ],
  ...[
    'managed_redis',
    'elasticache_cluster',
    'elasticache_replication_group',
    'elasticache_serverless_cache',
  ],
  ...[
    'memorydb_cluster',
    'docdb_cluster',
    'neptune_cluster',
    'redshift_cluster',
    'alloydb_cluster',
    'alloydb_instance',
  ],
  ...[
    'spanner_instance',
    'bigtable_instance',
    'bigquery_dataset',
    'cosmosdb_account',
    'opensearch_domain',
    'table',
  ],
  // disks and files
  ...['volume', 'disk', 'snapshot', 'file_system', 'filestore_instance'],
  // buckets, and what is in them
  ...['bucket', 'object', 'storage_account', 'storage_container', 'storage_share', 'storage_blob', 'vault'],
  // images
  ...['ecr_repository', 'artifact_registry_repository', 'container_registry'],
  // keys, without which what they encrypt is lost, and secrets
  ...[
    'kms_key',
    'crypto_key',
    'key_ring',
    'vault_key',
    'vault_secret',
    'secretsmanager_secret',
    'secret_manager_secret',
  ],
  // what goes with all that is in it
  ...['resource_group'],
].map((words) => `_${words}`)

/** Kinds with such a name that hold nothing themselves. */
const empty = ['_route_table', '_attached_disk', '_budget_resource_group']

/**
 * Whether what is there would be lost with it. A kind is known by its name; a thing that no kind tells of says it of itself,
 * by the tag or label `holds = "data"`: a host with data on its own disk.
 */
export function holdsData({ change, type }: Pick<RawResource, 'type' | 'change'>): boolean {
  const ends = (endings: readonly string[]) => endings.some((ending) => type.endsWith(ending))
  return (ends(kinds) && !ends(empty)) || saysSo(change.before)
}

function saysSo(values: unknown): boolean {
  return ['tags', 'labels', 'input'].some((key) => field(field(values, key), 'holds') === 'data')
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
