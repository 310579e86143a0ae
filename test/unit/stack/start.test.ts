import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tune } from '../../../roles/postgres-pgvector/tuning.ts'
import { folder } from './resolved.ts'

/** Memory in MB, processors, connections. */
const servers = [
  [64, 1, 100],
  [256, 1, 100],
  [512, 2, 100],
  [1024, 2, 50],
  [3000, 3, 200],
  [16_384, 8, 100],
  [524_288, 96, 500],
] as const

test.each(servers)('start.sh tunes %i MB and %i processors as the role does', (memory, cpus, connections) => {
  const script = join(folder, 'postgres/start.sh')
  const words = [memory, cpus, connections].map(String)
  const lines = execFileSync('sh', [script, 'settings', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n')
  const tuning = tune(memory, cpus, connections)
  expect(Object.fromEntries(lines.map((line) => line.split('=')))).toEqual({
    max_connections: String(connections),
    shared_buffers: `${tuning.sharedBuffersMb}MB`,
    effective_cache_size: `${tuning.effectiveCacheSizeMb}MB`,
    maintenance_work_mem: `${tuning.maintenanceWorkMemMb}MB`,
    work_mem: `${tuning.workMemKb}kB`,
    max_wal_size: `${tuning.maxWalSizeMb}MB`,
    max_worker_processes: String(tuning.parallelWorkers + 6),
    max_parallel_workers: String(tuning.parallelWorkers),
    max_parallel_workers_per_gather: String(tuning.parallelWorkersPerGather),
    max_parallel_maintenance_workers: String(tuning.parallelWorkersPerGather),
  })
})
