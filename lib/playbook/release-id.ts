import { UsageError } from '../error.ts'
import { isLab } from './environment.ts'
import type { Run } from './playbook.ts'

/** The tag that --release names. In a lab it is what docker/ holds unless told, built where it is not yet. */
export async function releaseId(run: Run): Promise<string> {
  const given = run.args.text('release')
  if (!isLab(run.env)) {
    if (given !== undefined) return given
    throw new UsageError('which release?', '--release TAG: the tag that your build pushed the images under')
  }
  const { buildSample, demandSample, hasSample, sampleRelease } = await import('../lab/sample.ts')
  if (given !== undefined) {
    await demandSample(given)
    return given
  }
  const id = await sampleRelease()
  const log = (text: string) => run.emit({ type: 'note', text: `lab: ${text}` })
  if (!run.check && !(await hasSample(id))) {
    log(`building the sample app as ${id} (minutes, the first time)`)
    await buildSample(id, log, run.args.count('verbose') > 0)
  }
  return id
}
