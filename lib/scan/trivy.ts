import { installed, run } from '../command.ts'
import { sh } from '../script/index.ts'
import type { Scanned } from './finding.ts'
import type { Looked } from './look.ts'
import type { Place } from './place.ts'
import type { Scanner } from './scanner.ts'
import { parseTrivy } from './trivy-report.ts'

const seconds = 900

/** `--exit-code 0`: findings are no failure of trivy's; whatever it says in trivy.yaml. */
const words = ['image', '--quiet', '--format', 'json', '--scanners', 'vuln', '--exit-code', '0']

/** Whether this machine has it. */
export const trivyHere = (): Promise<boolean> => installed('trivy')

/** Trivy on the host, which has the image; or on this machine, which takes the image from its registry. */
export const trivy: Scanner = {
  name: 'trivy',
  async scan(place, images) {
    const scanned: Scanned[] = []
    for (const { image, digest } of images) {
      const report = place.trivy ? await onHost(place, image) : await here({ image, digest })
      scanned.push({ image, digest, host: place.host.name, by: 'trivy', ...parseTrivy(report, image) })
    }
    return scanned
  },
}

async function onHost({ fleet, host }: Place, image: string): Promise<string> {
  const options = { timeoutSeconds: seconds }
  const results = await fleet.run(
    [host],
    `scan ${image} by trivy`,
    () => sh`trivy ${words} ${image}`,
    options,
  )
  return results.get(host.name)?.stdout ?? ''
}

/** By its digest, so that it is the same image whatever became of the tag. */
async function here({ image, digest }: Pick<Looked, 'image' | 'digest'>): Promise<string> {
  return run(['trivy', ...words, digest.includes('@') ? digest : image], { timeout: seconds * 1000 })
}
