import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Looked } from '../../../lib/scan/look.ts'
import type { Place } from '../../../lib/scan/place.ts'
import { trivy } from '../../../lib/scan/trivy.ts'
import type { ScanVars } from '../../../lib/scan/vars.ts'
import { fleetOf } from '../../unit/engine/fleets.ts'

// Trivy itself could not be had where this was written: a program of its name stands in for it, with a report in the
// shape that its documentation gives.
let folder: string
const path = process.env.PATH

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-trivy-'))
  process.env.PATH = `${folder}:${path}`
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true })
})

function standIn(body: string): void {
  writeFileSync(join(folder, 'trivy'), `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/words\n${body}\n`)
  chmodSync(join(folder, 'trivy'), 0o755)
}

const flaw = {
  VulnerabilityID: 'CVE-2026-1',
  PkgName: 'musl',
  InstalledVersion: '1.2.4-r1',
  FixedVersion: '1.2.4-r3',
  Severity: 'CRITICAL',
}
const report = JSON.stringify({
  SchemaVersion: 2,
  Metadata: { OS: { Family: 'alpine', Name: '3.18.4' } },
  Results: [{ Class: 'os-pkgs', Type: 'alpine', Vulnerabilities: [flaw] }],
})

const image = { image: 'reg:5000/web:v1', digest: 'reg:5000/web@sha256:1' } as Looked

async function scanned(onHost: boolean) {
  const { fleet } = fleetOf(['h1'])
  try {
    const [host] = fleet.inventory.hosts
    return await trivy.scan({ fleet, host, trivy: onHost } as Place, [image], {} as ScanVars)
  } finally {
    await fleet.close()
  }
}

describe.each([
  ['on the host, of the image that it has', true, 'reg:5000/web:v1'],
  ['on this machine, of the image by its digest', false, 'reg:5000/web@sha256:1'],
])('%s', (_, onHost, reference) => {
  test('its report is read', async () => {
    standIn(`cat <<'E'\n${report}\nE`)
    expect(await scanned(onHost)).toMatchObject([
      {
        image: 'reg:5000/web:v1',
        digest: 'reg:5000/web@sha256:1',
        by: 'trivy',
        against: "trivy's database for alpine 3.18.4",
        findings: [{ package: 'musl', fixed: '1.2.4-r3', ids: ['CVE-2026-1'], severity: 'critical' }],
      },
    ])
    const words = readFileSync(join(folder, 'words'), 'utf8').trim().split('\n')
    expect(words[0]).toBe('image')
    expect(words).toContain('json')
    expect(words.at(-1)).toBe(reference)
  })

  test.each([
    [
      'cannot update its database',
      `echo 'FATAL failed to download vulnerability DB' >&2; exit 1`,
      /failed to download vulnerability DB/,
    ],
    ['says nothing', 'exit 0', /is no JSON/],
  ])('one that %s is no clean report', async (_why, body, message) => {
    standIn(body)
    await expect(scanned(onHost)).rejects.toThrow(message)
  })
})
