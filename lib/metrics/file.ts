import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { messageOf, QuaysideError } from '../error.ts'
import { exposition, type Metric } from './exposition.ts'

/**
 * Where a run's metrics go: where its command line says, else into the folder that a schedule names, in a file of the
 * environment's and the subject's own; undefined where nobody asks for any.
 */
export function metricsPath(
  given: string | undefined,
  env: string,
  what: 'backup' | 'drill' | 'health',
  environ: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (given !== undefined) return resolve(given)
  const folder = environ.QUAYSIDE_METRICS_DIR
  return folder === undefined || folder === '' ? undefined : join(folder, `quayside_${what}_${env}.prom`)
}

/** Writes metrics so that whoever reads the file finds all of them or those of before: beside it, then renamed. */
export async function writeMetrics(path: string, metrics: readonly Metric[]): Promise<void> {
  // Not .prom: that a collector would read.
  const draft = join(dirname(path), `.quayside-${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(draft, 'wx', 0o644)
    try {
      await file.chmod(0o644) // whatever the umask: the exporter is another user
      await file.writeFile(exposition(metrics))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw new QuaysideError(`cannot write metrics to ${path}: ${messageOf(error)}`, {
      hint: 'the folder must be there, and this user must be able to write to it',
      cause: error,
    })
  }
}
