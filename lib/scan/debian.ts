import { QuaysideError } from '../error.ts'
import { pending, refresh } from './apt.ts'
import type { Flaw, Scanned } from './finding.ts'
import type { Looked } from './look.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scanner.ts'
import { type Suite, suiteOf } from './suite.ts'
import { parseUpgradable } from './upgradable.ts'

/** The fixes of Debian's and Ubuntu's security suites that an image lacks: apt's own word, on a host that has apt. */
export const debian: Scanner = {
  name: 'debian',
  async scan(place, images, vars) {
    if (!place.apt)
      throw new QuaysideError(`${place.host.name} has no apt to scan images with`, {
        hint: 'scan on a host of Debian or Ubuntu, or have trivy there or here',
      })
    const lists = new Map<string, Promise<Lists>>()
    const listsOf = (suite: Suite): Promise<Lists> => {
      const key = JSON.stringify(suite)
      const known = lists.get(key) ?? fetchLists(place, suite, lists.size)
      lists.set(key, known)
      return known
    }
    const scanned: Scanned[] = []
    for (const image of images) {
      const suite = suiteOf(image, place, vars.scan_mirrors)
      scanned.push(
        'why' in suite ? unknown(place, image, suite.why) : await held(place, image, suite, listsOf),
      )
    }
    return scanned
  },
}

/** A suite's lists on the host. */
interface Lists {
  readonly folder: string
  /** ISO 8601: when the suite was last published */
  readonly date: string
}

/** Anew for each scan, so that none is ever older than it. */
async function fetchLists(place: Place, suite: Suite, index: number): Promise<Lists> {
  const folder = `${place.folder}/suite-${index}`
  const { fleet, host } = place
  const step = `fetch the lists of ${suite.name}, without which nothing can be scanned`
  const results = await fleet.run([host], step, () => refresh(suite, folder), { timeoutSeconds: 300 })
  const stdout = results.get(host.name)?.stdout ?? ''
  const date = new Date(/^Date: (.+)$/m.exec(stdout)?.[1] ?? '')
  if (Number.isNaN(date.getTime()))
    throw new QuaysideError(`${host.name}: the lists of ${suite.name} do not say of when they are`)
  return { folder, date: date.toISOString() }
}

async function held(
  place: Place,
  image: Looked,
  suite: Suite,
  listsOf: (suite: Suite) => Promise<Lists>,
): Promise<Scanned> {
  const { fleet, host } = place
  const { folder, date } = await listsOf(suite)
  const step = `hold ${image.image} against ${suite.name}`
  const results = await fleet.run([host], step, () => pending(image.status, folder))
  const stdout = results.get(host.name)?.stdout ?? ''
  const findings = parseUpgradable(stdout, suite.architectures[0] ?? '').map(
    ({ name, installed, candidate }): Flaw => ({
      kind: 'flaw',
      image: image.image,
      package: name,
      installed,
      fixed: candidate,
      source: suite.name,
      ids: [],
      severity: 'unknown',
    }),
  )
  return { ...basis(place, image), against: `${suite.name} of ${date.slice(0, 19)}Z`, findings }
}

function unknown(place: Place, image: Looked, why: string): Scanned {
  return { ...basis(place, image), against: '', findings: [{ kind: 'unscanned', image: image.image, why }] }
}

function basis(place: Place, { image, digest }: Looked) {
  return { image, digest, host: place.host.name, by: 'debian' } as const
}
