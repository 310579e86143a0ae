import { ensureStandIns, labUp } from '../../lib/lab/index.ts'
import { inLab } from './playbook.ts'

/**
 * Every lab test begins on fresh hosts that the README's first command has brought to a running release. With
 * QUAYSIDE_LAB_KEEP=1 the hosts stay as they are: quicker, for work on one test.
 */
export default async function setup(): Promise<void> {
  const log = (line: string) => console.log(`lab: ${line}`)
  await labUp({ log, fresh: process.env.QUAYSIDE_LAB_KEEP !== '1' })
  await ensureStandIns(log)
  const { code, ms } = await inLab('deploy', [], { onOutput: (text) => process.stdout.write(text) })
  if (code !== 0) throw new Error(`the first deploy ended with ${code}`)
  log(`deployed in ${(ms / 1000).toFixed(0)} s`)
}
