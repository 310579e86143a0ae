import { setTimeout as sleep } from 'node:timers/promises'
import { examine, type Finding, lookAround, rootsOf } from '../../health/index.ts'
import type { Run } from '../playbook.ts'
import type { ChecksOf } from './health.ts'

/** A container that was just switched to may be slow once, and not again: who gave no answer at all was asked twice by then. */
const patience = { tries: 2, pauseMs: 2000 }

/**
 * What health.ts asks, once all edges are switched, for a deploy to go by: gives what fails of the apps. What fails of
 * anything else is no fault of the release, and would not be better with the one before: it is told, and no more.
 */
export function lookAfterFlip(run: Run, apps: readonly string[], checksOf: ChecksOf) {
  const ofApp = ({ service }: Finding) => apps.includes(service)
  return async (): Promise<readonly string[]> => {
    const { fleet, inventory, env } = run
    const [around, roots] = await Promise.all([lookAround(fleet, inventory), rootsOf(env)])
    const checks = checksOf(inventory, around.hosts, around.deployed, roots)
    const first = await examine(fleet, checks)
    const failed = [...around.findings, ...first.findings].filter(isFailed)
    for (const each of failed)
      if (!ofApp(each))
        run.emit({ type: 'note', text: `not well, and not by this release: ${inWords(each)}` })

    let bad = failed.filter(ofApp)
    for (let attempt = 1; bad.length > 0 && attempt < patience.tries; attempt += 1) {
      await sleep(patience.pauseMs, undefined, { signal: run.signal })
      const again = checks.filter((check) =>
        bad.some(({ host, layer }) => host === check.host.name && layer === check.layer),
      )
      bad = (await examine(fleet, again)).findings.filter((each) => isFailed(each) && ofApp(each))
    }
    return bad.map(inWords)
  }
}

function isFailed({ verdict }: Finding): boolean {
  return verdict === 'failed'
}

function inWords({ host, service, layer, seen }: Finding): string {
  return `${host}: ${service} ${layer}: ${seen}`
}
