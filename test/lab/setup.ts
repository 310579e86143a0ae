import type { TestProject } from 'vitest/node'
import { ensureStandIns, labUp } from '../../lib/lab/index.ts'
import { lookAtAll } from './look.ts'
import { inLab } from './playbook.ts'

/** What `site.ts --check --diff` said of hosts that nothing had been done to, and how they looked around it. */
export interface Untouched {
  readonly fresh: boolean
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly code: number
  readonly output: string
}

declare module 'vitest' {
  interface ProvidedContext {
    untouched: Untouched
  }
}

/**
 * Every lab test begins on fresh hosts that the README's first command has brought to a running release. With
 * QUAYSIDE_LAB_KEEP=1 the hosts stay as they are: quicker, for work on one test.
 */
export default async function setup(project: TestProject): Promise<void> {
  const log = (line: string) => console.log(`lab: ${line}`)
  const fresh = process.env.QUAYSIDE_LAB_KEEP !== '1'
  await labUp({ log, fresh })
  await ensureStandIns(log)

  const before = await lookAtAll()
  const { code, output } = await inLab('site', ['--check', '--diff'])
  project.provide('untouched', { fresh, before, after: await lookAtAll(), code, output })

  const deploy = () => inLab('deploy', [], { onOutput: (text) => process.stdout.write(text) })
  let deployed = await deploy()
  // runc's own race, once in some hundred hosts: as a person would, and for nothing else.
  if (/OCI runtime create failed: .*connection reset by peer/.test(deployed.output)) {
    log(`runc failed on a host, the deploy ended with ${deployed.code}: once more`)
    deployed = await deploy()
  }
  if (deployed.code !== 0) throw new Error(`the first deploy ended with ${deployed.code}`)
  log(`deployed in ${(deployed.ms / 1000).toFixed(0)} s`)
}
