import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkPlatform, supported } from '../../../lib/engine/platform.ts'
import { raw, sh } from '../../../lib/script/index.ts'

/** /etc/os-release of real systems, as their packages ship it, less the links. */
const releases = {
  bullseye: `PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"
NAME="Debian GNU/Linux"
VERSION_ID="11"
VERSION="11 (bullseye)"
VERSION_CODENAME=bullseye
ID=debian
`,
  bookworm: `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`,
  trixie: `PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
VERSION="13 (trixie)"
VERSION_CODENAME=trixie
DEBIAN_VERSION_FULL=13.1
ID=debian
`,
  sid: `PRETTY_NAME="Debian GNU/Linux forky/sid"
NAME="Debian GNU/Linux"
VERSION_CODENAME=forky
ID=debian
`,
  jammy: `PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION="22.04.4 LTS (Jammy Jellyfish)"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=jammy
`,
  noble: `PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.1 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
LOGO=ubuntu-logo
`,
  oracular: `PRETTY_NAME="Ubuntu 24.10"
NAME="Ubuntu"
VERSION_ID="24.10"
VERSION="24.10 (Oracular Oriole)"
VERSION_CODENAME=oracular
ID=ubuntu
ID_LIKE=debian
`,
  mint: `NAME="Linux Mint"
VERSION="21.3 (Virginia)"
ID=linuxmint
ID_LIKE="ubuntu debian"
PRETTY_NAME="Linux Mint 21.3"
VERSION_ID="21.3"
VERSION_CODENAME=virginia
UBUNTU_CODENAME=jammy
`,
  alpine: `NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.20.3
PRETTY_NAME="Alpine Linux v3.20"
`,
  rocky: `NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
`,
  none: '',
} as const

/** The three facts as sh reads them from such a file: in a shell of its own, as on a host. */
function factsOf(release: string) {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-platform-'))
  try {
    const path = join(folder, 'os-release')
    writeFileSync(path, release)
    const script = sh`. ${path}${raw('\nprintf "%s\\n" "$ID" "$VERSION_ID" "$VERSION_CODENAME"')}`
    const said = execFileSync('sh', ['-c', script.reveal()], { encoding: 'utf8', env: {} })
    const [os = '', version = '', codename = ''] = said.split('\n')
    return { os, version, codename }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const nginx = { name: 'nginx-tls' }

test.each(['bookworm', 'trixie', 'jammy', 'noble'] as const)('%s is supported', (name) => {
  expect(checkPlatform(nginx, factsOf(releases[name]))).toBeUndefined()
})

test.each([
  ['bullseye', 'Debian 11', 'bring the host to Debian 13, or leave it out with --limit'],
  ['sid', 'Debian forky', "a release still in the making changes under one's feet: install Debian 13"],
  ['oracular', 'Ubuntu 24.10', 'bring the host to Ubuntu 24.04, or leave it out with --limit'],
  ['mint', 'linuxmint 21.3', 'play it on another host, or leave this one out with --limit'],
  ['alpine', 'alpine 3.20.3', 'play it on another host, or leave this one out with --limit'],
  ['rocky', 'rocky 9.4', 'play it on another host, or leave this one out with --limit'],
  ['none', 'an operating system without /etc/os-release', 'play it on another host'],
] as const)('%s is refused by name', (name, called, advice) => {
  const refused = checkPlatform(nginx, factsOf(releases[name]))
  expect(refused?.message).toBe(
    `${called} is not supported by the role nginx-tls: it knows Debian 12, Debian 13, Ubuntu 22.04, Ubuntu 24.04`,
  )
  expect(refused?.hint).toContain(advice)
  expect(refused?.hint).toContain("platforms: 'any'")
  expect(refused?.exitCode).toBe(1)
})

test('a role that does not care goes anywhere', () => {
  for (const release of Object.values(releases)) {
    expect(checkPlatform({ name: 'motd', platforms: 'any' }, factsOf(release))).toBeUndefined()
  }
})

test('what is supported is what the docs name', () => {
  expect(supported.map(({ name }) => name)).toEqual([
    'Debian 12',
    'Debian 13',
    'Ubuntu 22.04',
    'Ubuntu 24.04',
  ])
})
