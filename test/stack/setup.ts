import { buildSample, hasSample, sampleRelease } from '../../lib/lab/sample.ts'
import { standIns } from '../../lib/playbook/stack/stand-ins.ts'

/**
 * Once, for all that follows: the engine, Compose, the images that stacks are made of, and a release of the sample app in
 * the lab's registry. What is timed and tried begins with them there.
 */
export default async function setup(): Promise<void> {
  const log = (line: string) => console.log(`stack: ${line}`)
  await standIns(log)
  const release = await sampleRelease()
  if (!(await hasSample(release))) await buildSample(release, log, false)
}
