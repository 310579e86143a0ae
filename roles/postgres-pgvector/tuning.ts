/** Sizes in MB, but for workMemKb. */
export interface Tuning {
  readonly sharedBuffersMb: number
  readonly effectiveCacheSizeMb: number
  readonly maintenanceWorkMemMb: number
  readonly workMemKb: number
  readonly maxWalSizeMb: number
  readonly parallelWorkers: number
  readonly parallelWorkersPerGather: number
  /** /dev/shm, where parallel workers exchange rows: it counts as memory once it is used */
  readonly shmMb: number
}

/** The server's share of a host where nothing says otherwise: half, at most 64 GB. */
export function defaultMemoryMb(hostMemoryMb: number): number {
  return clamp(hostMemoryMb / 2, 256, 65_536)
}

/**
 * Settings for a server with so much memory, by the rules of the PostgreSQL documentation (19.4) and pgtune: a
 * quarter is shared buffers, and what is left is shared by connections of which each may sort three times.
 */
export function tune(memoryMb: number, cpus: number, maxConnections: number): Tuning {
  const sharedBuffersMb = clamp(memoryMb / 4, 64, 16_384)
  return {
    sharedBuffersMb,
    effectiveCacheSizeMb: Math.floor(memoryMb * 0.75),
    // An HNSW index is built many times faster when it fits.
    maintenanceWorkMemMb: clamp(memoryMb / 8, 32, 4096),
    workMemKb: clamp(((memoryMb - sharedBuffersMb) * 1024) / (maxConnections * 3), 1024, 65_536),
    maxWalSizeMb: clamp(memoryMb, 512, 8192),
    parallelWorkers: clamp(cpus, 2, 32),
    parallelWorkersPerGather: clamp(cpus / 2, 1, 4),
    shmMb: clamp(memoryMb / 4, 64, 8192),
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(Math.max(value, least), most))
}
