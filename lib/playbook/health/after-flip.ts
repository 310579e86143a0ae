import { setTimeout as sleep } from 'node:timers/promises'
import { examine, type Finding, lookAround, rootsOf } from '../../health/index.ts'
import type { Run } from '../playbook.ts'
import type { ChecksOf } from './health.ts'

/** A container that was just switched to may be slow once, and not three times. */
const patience = { tries: 3, pauseMs: 1000 }

/**
 * What health.ts asks, once all edges are switched, for a deploy to go by: gives what fails of the apps. What fails of
 * anything else is no fault of the release, and would not be better with the one before: it is told, and no more.
 */
export function lookAfterFlip(run: Run, apps: readonly string[], checksOf: ChecksOf) {
  return async (): Promise<readonly string[]> => {
    for (let attempt = 1; ; attempt += 1) {
      const failed = await failures(run, checksOf)
      const ofApps = failed.filter(({ service }) => apps.includes(service))
      if (ofApps.length > 0 && attempt < patience.tries) {
        await sleep(patience.pauseMs, undefined, { signal: run.signal })
        continue
      }
      for (const each of failed)
        if (!ofApps.includes(each))
          run.emit({ type: 'note', text: `not well, and not by this release: ${inWords(each)}` })
      return ofApps.map(inWords)
    }
  }
}

async function failures({ fleet, inventory, env }: Run, checksOf: ChecksOf): Promise<readonly Finding[]> {
  const [around, roots] = await Promise.all([lookAround(fleet, inventory), rootsOf(env)])
  const seen = await examine(fleet, checksOf(inventory, around.hosts, around.deployed, roots))
  return [...around.findings, ...seen.findings].filter(({ verdict }) => verdict === 'failed')
}

function inWords({ host, service, layer, seen }: Finding): string {
  return `${host}: ${service} ${layer}: ${seen}`
}
