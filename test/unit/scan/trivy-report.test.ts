import { describe, expect, test } from 'vitest'
import { parseTrivy } from '../../../lib/scan/trivy-report.ts'

/** Written by hand in the shape that trivy's documentation gives; trivy itself could not be had. */
const report = {
  SchemaVersion: 2,
  ArtifactName: 'api:v1',
  ArtifactType: 'container_image',
  Metadata: { OS: { Family: 'debian', Name: '12.5' }, ImageID: 'sha256:1' },
  Results: [
    {
      Target: 'api:v1 (debian 12.5)',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2026-1111',
          PkgName: 'libssl3',
          InstalledVersion: '3.0.11-1~deb12u2',
          FixedVersion: '3.0.15-1~deb12u1',
          Status: 'fixed',
          Severity: 'HIGH',
        },
        {
          VulnerabilityID: 'CVE-2011-3374',
          PkgName: 'apt',
          InstalledVersion: '2.6.1',
          Status: 'affected',
          Severity: 'ODD',
        },
      ],
    },
    { Target: 'Python', Class: 'lang-pkgs', Type: 'python-pkg' },
  ],
}

test('what trivy reports', () => {
  expect(parseTrivy(JSON.stringify(report), 'api:v1')).toEqual({
    against: "trivy's database for debian 12.5",
    findings: [
      {
        kind: 'flaw',
        image: 'api:v1',
        package: 'libssl3',
        installed: '3.0.11-1~deb12u2',
        fixed: '3.0.15-1~deb12u1',
        source: 'debian',
        ids: ['CVE-2026-1111'],
        severity: 'high',
      },
      {
        kind: 'flaw',
        image: 'api:v1',
        package: 'apt',
        installed: '2.6.1',
        fixed: undefined,
        source: 'debian',
        ids: ['CVE-2011-3374'],
        severity: 'unknown',
      },
    ],
  })
})

describe('what trivy cannot judge is not clean', () => {
  test.each([
    [{ SchemaVersion: 2 }, 'trivy found no packages in it that it knows'],
    [{ SchemaVersion: 2, Results: null }, 'trivy found no packages in it that it knows'],
    [
      { ...report, Metadata: { OS: { Family: 'debian', Name: '9', EOSL: true } } },
      'it is debian 9, which gets no security fixes any more',
    ],
  ])('%#', (each, why) => {
    expect(parseTrivy(JSON.stringify(each), 'api:v1').findings.at(-1)).toEqual({
      kind: 'unscanned',
      image: 'api:v1',
      why,
    })
  })
})

test.each([
  ['', /is no JSON/],
  ['[]', /has version undefined/],
  ['null', /is no object/],
  [JSON.stringify({ ...report, SchemaVersion: 3 }), /has version 3 of its schema/],
  [JSON.stringify({ SchemaVersion: 2, Results: {} }), /another shape/],
  [JSON.stringify({ SchemaVersion: 2, Results: [{ Vulnerabilities: [{ PkgName: 'x' }] }] }), /another shape/],
  [JSON.stringify({ SchemaVersion: 2, Results: [{ Vulnerabilities: [null] }] }), /another shape/],
])('%s is no report', (text, message) => expect(() => parseTrivy(text, 'api:v1')).toThrow(message))
