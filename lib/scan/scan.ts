import type { Fleet } from '../engine/fleet.ts'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { debian } from './debian.ts'
import type { Scanned } from './finding.ts'
import { type Looked, lookAt, type Wanted } from './look.ts'
import { close, openPlace, type Place } from './place.ts'
import type { Scanner } from './scanner.ts'
import { trivy, trivyHere } from './trivy.ts'
import type { ScanVars } from './vars.ts'

/**
 * Scans images on a host, which fetches those it lacks and is rid of them afterwards. Nothing of an image is run. Throws
 * where an image cannot be had, or the scanner knows nothing new: what comes back is of every image.
 */
export async function scanOn(
  fleet: Fleet,
  host: Host,
  images: readonly Wanted[],
  vars: ScanVars,
  signal: AbortSignal,
): Promise<readonly Scanned[]> {
  const place = await openPlace(fleet, host)
  const looked: Looked[] = []
  try {
    const scanner = await scannerOf(place, vars.scan_with)
    for (const [index, wanted] of images.entries()) {
      signal.throwIfAborted()
      looked.push(await lookAt(place, wanted, index))
    }
    signal.throwIfAborted()
    return await scanner.scan(place, looked, vars)
  } finally {
    const brought = looked.flatMap((each) => (each.brought ? [each.image] : []))
    // A host that is gone is told of by what failed on it; the next scan there clears it up.
    await fleet.run([host], 'clear a scan away', () => close(place.folder, brought)).catch(() => undefined)
  }
}

async function scannerOf(place: Place, wanted: ScanVars['scan_with']): Promise<Scanner> {
  if (wanted === 'debian') return debian
  if (place.trivy || (await trivyHere())) return trivy
  if (wanted === 'auto') return debian
  throw new QuaysideError(`neither ${place.host.name} nor this machine has trivy`, {
    hint: 'install it, or scan_with: debian',
  })
}
