import { layout } from '../layout.ts'
import { prove } from './proofs.ts'
import { proveVolumes, recover, recoverApp, recoverRedis } from './recovery.ts'
import type { Course, Work } from './work.ts'

/** A logical backup: into an empty server, compared with its manifest, and booted. */
export const ofBackup: Course = {
  folder: layout.backup,
  async run(work: Work): Promise<void> {
    await recover(work)
    await prove(work)
    await recoverRedis(work)
    await recoverApp(work)
    await proveVolumes(work)
  },
}
