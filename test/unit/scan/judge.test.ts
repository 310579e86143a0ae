import { describe, expect, test } from 'vitest'
import {
  type Exception,
  type Finding,
  type Flaw,
  judge,
  type Severity,
  type Threshold,
} from '../../../lib/scan/index.ts'

const today = '2026-11-27'
const flaw = (more: Partial<Flaw> = {}): Flaw => ({
  kind: 'flaw',
  image: 'reg:5000/api:v1',
  package: 'openssl',
  installed: '1',
  fixed: '2',
  source: 'bookworm-security',
  ids: ['CVE-2026-1'],
  severity: 'unknown',
  ...more,
})
const unscanned: Finding = { kind: 'unscanned', image: 'reg:5000/web:v1', why: 'it is Alpine' }
type About = { package: string } | { cve: string } | { unscanned: true }
const exception = (more: About & { image?: string; until?: string }): Exception => ({
  until: '2026-12-31',
  why: 'waiting',
  ...more,
})

describe('what counts', () => {
  test.each<[Threshold, Severity, string | undefined, string]>([
    ['fix', 'unknown', '2', 'counts'],
    ['fix', 'low', '2', 'counts'],
    ['fix', 'critical', undefined, 'below'],
    ['high', 'critical', undefined, 'counts'],
    ['high', 'high', '2', 'counts'],
    ['high', 'medium', '2', 'below'],
    ['critical', 'unknown', '2', 'counts'],
    ['critical', 'high', '2', 'below'],
    ['low', 'low', undefined, 'counts'],
  ])('at %s, one of %s severity fixed in %s: %s', (threshold, severity, fixed, verdict) => {
    expect(judge([flaw({ severity, fixed })], [], threshold, today)[0]?.verdict).toBe(verdict)
  })

  test.each<Threshold>(['fix', 'critical'])('at %s, an image that could not be scanned', (threshold) => {
    expect(judge([unscanned], [], threshold, today)[0]?.verdict).toBe('counts')
  })
})

describe('an exception', () => {
  test.each<[string, Finding, Exception, string, boolean]>([
    ['for a package', flaw(), exception({ package: 'openssl' }), 'ignored', false],
    ['for another package', flaw(), exception({ package: 'open' }), 'counts', false],
    ['for an id', flaw(), exception({ cve: 'CVE-2026-1' }), 'ignored', false],
    [
      'for an id that the finding has not',
      flaw({ ids: [] }),
      exception({ cve: 'CVE-2026-1' }),
      'counts',
      false,
    ],
    [
      'for the repository',
      flaw(),
      exception({ package: 'openssl', image: 'reg:5000/api' }),
      'ignored',
      false,
    ],
    [
      'for the reference',
      flaw(),
      exception({ package: 'openssl', image: 'reg:5000/api:v1' }),
      'ignored',
      false,
    ],
    [
      'for a digest',
      flaw({ image: 'reg:5000/api@sha256:1' }),
      exception({ package: 'openssl', image: 'reg:5000/api' }),
      'ignored',
      false,
    ],
    ['for another image', flaw(), exception({ package: 'openssl', image: 'reg:5000/web' }), 'counts', false],
    ['for a package, of an image not scanned', unscanned, exception({ package: 'openssl' }), 'counts', false],
    [
      'for what cannot be scanned',
      unscanned,
      exception({ unscanned: true, image: 'reg:5000/web' }),
      'ignored',
      false,
    ],
    ['for what cannot be scanned, of one that was', flaw(), exception({ unscanned: true }), 'counts', false],
    ['on its last day', flaw(), exception({ package: 'openssl', until: today }), 'ignored', false],
    ['the day after', flaw(), exception({ package: 'openssl', until: '2026-11-26' }), 'counts', true],
  ])('%s', (_, finding, each, verdict, expired) => {
    expect(judge([finding], [each], 'fix', today)).toMatchObject([{ verdict, expired }])
  })

  test('that has ended yields to one that has not', () => {
    const [old, fresh] = [
      exception({ package: 'openssl', until: '2026-01-01' }),
      exception({ cve: 'CVE-2026-1' }),
    ]
    expect(judge([flaw()], [old, fresh], 'fix', today)).toMatchObject([
      { verdict: 'ignored', exception: fresh, expired: false },
    ])
  })
})
