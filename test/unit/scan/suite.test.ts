import { describe, expect, test } from 'vitest'
import type { Fleet } from '../../../lib/engine/fleet.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { aptConf, source } from '../../../lib/scan/apt.ts'
import type { Looked } from '../../../lib/scan/look.ts'
import { osRelease } from '../../../lib/scan/os-release.ts'
import { type Place, parsePlace } from '../../../lib/scan/place.ts'
import { suiteOf } from '../../../lib/scan/suite.ts'

const place: Place = {
  fleet: {} as Fleet,
  host: { name: 'app-1' } as Host,
  ...parsePlace(
    'folder /tmp/quayside-scan.a1\napt\nkeyring debian /usr/share/keyrings/debian.gpg\nmirror debian http://mirror.example/debian-security/\n',
  ),
}

const image = (text: string, more: Partial<Looked> = {}): Looked => ({
  image: 'api:v1',
  digest: 'api@sha256:1',
  brought: false,
  osRelease: text,
  packages: 80,
  architectures: ['amd64'],
  status: '/tmp/quayside-scan.a1/0/status',
  ...more,
})

const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n'
const noble = `PRETTY_NAME='Ubuntu 24.04'\nVERSION_CODENAME=noble\nID=ubuntu\n`

test('a place, of what its host said', () => {
  expect(place).toMatchObject({
    folder: '/tmp/quayside-scan.a1',
    trivy: false,
    apt: true,
    mirrors: { debian: 'http://mirror.example/debian-security/' },
    keyrings: { debian: '/usr/share/keyrings/debian.gpg' },
  })
  expect(() => parsePlace('apt\n')).toThrow('named no folder')
})

describe('the suite of an image', () => {
  const both = { ...place, keyrings: { ...place.keyrings, ubuntu: '/usr/share/keyrings/ubuntu.gpg' } }

  test.each([
    ['by the mirror of the host', place, image(bookworm), {}, 'http://mirror.example/debian-security/'],
    [
      'by the one that is named',
      place,
      image(bookworm),
      { debian: 'https://own.example/d' },
      'https://own.example/d',
    ],
    [
      "by the distribution's own",
      { ...place, mirrors: {} },
      image(bookworm),
      {},
      'http://security.debian.org/debian-security',
    ],
    ['of Ubuntu', both, image(noble), {}, 'http://security.ubuntu.com/ubuntu'],
    [
      'of Ubuntu on arm64',
      both,
      image(noble, { architectures: ['arm64'] }),
      {},
      'http://ports.ubuntu.com/ubuntu-ports',
    ],
  ])('%s', (_, at, of, mirrors, mirror) => {
    expect(suiteOf(of, at, mirrors)).toMatchObject({
      name: /noble/.test(of.osRelease) ? 'noble-security' : 'bookworm-security',
      mirror,
    })
  })

  test.each([
    [
      'ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n',
      {},
      'it is Alpine Linux v3.20, neither Debian nor Ubuntu',
    ],
    ['', {}, 'it does not say what it is'],
    ['ID=constructor\n', {}, 'it is constructor, neither Debian nor Ubuntu'],
    ['ID=debian\n', {}, 'it does not say which release of Debian it is'],
    ['ID=debian\nVERSION_CODENAME="x; rm -r"\n', {}, 'it does not say which release of Debian it is'],
    [bookworm, { packages: 0 }, 'it has no list of its packages'],
    [bookworm, { architectures: [] }, 'it has no list of its packages'],
    [noble, {}, "app-1 lacks the keys of Ubuntu's archive: the package ubuntu-archive-keyring"],
  ])('%j is not scanned', (text, more, why) => {
    expect(suiteOf(image(text, more), place, {})).toEqual({ why })
  })
})

test('os-release, quoted either way or not at all', () => {
  expect([...osRelease(`ID=debian\n# ID=x\nA="b c"\nB='d'\nbad\nC=\n`)]).toEqual([
    ['ID', 'debian'],
    ['A', 'b c'],
    ['B', 'd'],
    ['C', ''],
  ])
})

test("apt has nothing of the host's but how a mirror is reached", () => {
  const suite = suiteOf(image(bookworm, { architectures: ['amd64', 'i386'] }), place, {})
  if ('why' in suite) throw new Error(suite.why)
  const conf = aptConf('/tmp/f', suite)
  for (const line of [
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    'Dir::State::lists "/tmp/f/lists";',
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; "i386"; };',
    'APT::Update::Error-Mode "any";',
  ])
    expect(conf).toContain(`${line}\n`)
  expect(source(suite)).toBe(
    'deb [signed-by=/usr/share/keyrings/debian.gpg] http://mirror.example/debian-security/ bookworm-security main contrib non-free non-free-firmware\n',
  )
})
