import fc from 'fast-check'
import type { Connection } from '../../../lib/connection/connection.ts'
import { aptSourcePath } from '../../../lib/resource/apt-repository.ts'
import {
  absentAptKey,
  absentAptRepository,
  absentPackages,
  aptKey,
  aptKeyring,
  aptRepository,
  packages,
} from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { obey } from '../laws.ts'
import { edit } from '../odd.ts'
import { fact, pathOf } from '../tree.ts'
import { demand, tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

const names = ['qsp-one', 'qsp-two'] as const
const versions = ['1.0', '2.0', '2.1'] as const
const trusted = '/etc/apt/sources.list.d/qsp-packages.list'
const source = 'qsp-repository'

export const sweepPackages = sh`apt-mark unhold ${names} >/dev/null 2>&1 || :
dpkg --purge --force-all ${names} >/dev/null 2>&1 || :
rm -f ${trusted} ${aptSourcePath(source)} ${aptKeyring(source)}
rm -f /var/lib/apt/lists/*quayside-packages*
`

/** Packages of nothing but a configuration file, in three versions, and flat repositories signed by two keys. */
export async function publish(connection: Connection, folder: string): Promise<void> {
  await demand(
    connection,
    sh`cd ${folder}; mkdir -p all signed
for name in ${names}; do for version in ${versions}; do
  rm -rf build; mkdir -p build/DEBIAN build/etc
  printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: none <none@quayside.test>\\nDescription: nothing\\n' "$name" "$version" >build/DEBIAN/control
  echo "/etc/$name.conf" >build/DEBIAN/conffiles; echo "$version" >"build/etc/$name.conf"
  dpkg-deb -b build "all/$name-$version.deb" >/dev/null
done; done
cd all
for deb in *.deb; do dpkg-deb -f "$deb"; printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d' ' -f1)"; done >Packages
umask 077; mkdir ../gnupg; export GNUPGHOME=${`${folder}/gnupg`}
for key in one two; do gpg -q --batch --passphrase '' --quick-generate-key "$key@quayside.test" ed25519 sign never 2>/dev/null; gpg -q --batch --armor --export "$key" >"../$key.asc"; done
umask 022
: >../signed/Packages
cd ../signed
{ printf 'Date: %s\\nSHA256:\\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"; printf ' %s %s Packages\\n' "$(sha256sum <Packages | cut -d' ' -f1)" "$(stat -c %s Packages)"; } >Release
gpg -q --batch --yes -u one --clearsign -o InRelease Release
echo ${`deb [trusted=yes] file:${folder}/all ./`} >${trusted}
apt-get -qq update -o Dir::Etc::sourcelist=${trusted} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 >/dev/null`,
  )
}

const state = fc.constantFrom('absent', '1.0', '2.0', 'removed', 'unpacked', 'held')

/** Packages that are there in some version, held, half-installed, or removed with their configuration left behind. */
export const packageCases = fc.record({
  there: fc.record({ 'qsp-one': state, 'qsp-two': state }),
  wish: fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...names), version: fc.constantFrom('', '1.0', '2.0', '2*', '2.1') }),
    { minLength: 1, maxLength: 2, selector: ({ name }) => name },
  ),
  gone: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
})

export async function packagesObey(
  site: HostSite,
  { there, wish, gone }: typeof packageCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const deb = (name: string, version: string) => `${site.folder}/all/${name}-${version}.deb`
  const made = names.map((name) => {
    const is = there[name]
    if (is === 'absent') return sh`:`
    if (is === 'removed') return sh`dpkg -i ${deb(name, '1.0')} >/dev/null; dpkg -r ${name} >/dev/null`
    if (is === 'unpacked') return sh`dpkg --unpack ${deb(name, '1.0')} >/dev/null`
    if (is === 'held') return sh`dpkg -i ${deb(name, '1.0')} >/dev/null; apt-mark -qq hold ${name} >/dev/null`
    return sh`dpkg -i ${deb(name, is)} >/dev/null`
  })
  await site.arrange(sh`apt-mark unhold ${names} >/dev/null 2>&1 || :
dpkg --purge --force-all ${names} >/dev/null 2>&1 || :
${made[0] ?? sh`:`}
${made[1] ?? sh`:`}`)
  const words = wish.map(({ name, version }) => (version === '' ? name : `${name}=${version}`))
  await obey({
    connection: site.connection,
    resource: gone ? absentPackages(words) : packages(words),
    look: () =>
      together(
        tableFacts(
          site.connection,
          sh`dpkg-query -W -f '\${Package}\\t\${db:Status-Abbrev} \${Version}\\n'; apt-mark showhold | sed 's/^/hold /'`,
        ),
        treeFacts(site.connection, ['/etc/qsp-one.conf', '/etc/qsp-two.conf', trusted]),
      ),
    wrong: (facts) => {
      for (const { name, version } of wish) {
        const [status = '', is = ''] = (facts.get(name) ?? '').split(/\s+/)
        const installed = status === 'ii' || status === 'hi'
        if (gone && installed) return `${name} is there`
        if (gone) continue
        if (!installed) return `${name} is ${status || 'not there'}`
        const fits = version.endsWith('*') ? is.startsWith(version.slice(0, -1)) : ['', is].includes(version)
        if (!fits) return `${name} is ${is}`
      }
      return undefined
    },
    ending: () => {
      // apt changes nothing that a person holds.
      const held = wish.filter(({ name }) => there[name] === 'held')
      if (gone) return held.length > 0 ? 'failure' : undefined
      return held.some(({ version }) => version !== '' && version !== '1.0') ? 'failure' : undefined
    },
    // What dpkg has not configured yet is, with the next work of apt.
    owns: (key) =>
      names.some(
        (name) =>
          (wish.some((each) => each.name === name) || there[name] === 'unpacked') &&
          (key === name || pathOf(key) === `/etc/${name}.conf`),
      ),
  })
}

/** A repository whose file is there, nearly right, of another key, or not; and keys in files of their own. */
export const repositoryCases = fc.record({
  before: fc.option(fc.record({ key: fc.constantFrom('one', 'two'), edit })),
  mode: fc.constantFrom(0o644, 0o600),
  wish: fc.constantFrom('one', 'two', 'nowhere', 'gone'),
})

export async function repositoryObeys(
  site: HostSite,
  { before, mode, wish }: typeof repositoryCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const path = aptSourcePath(source)
  const armored = async (key: string) => await demand(site.connection, sh`cat ${`${site.folder}/${key}.asc`}`)
  const resourceOf = async (key: string, folder = 'signed') =>
    aptRepository(source, {
      uris: `file:${site.folder}/${folder}`,
      suites: './',
      signedBy: await armored(key),
    })
  const textOf = async (key: string, folder?: string) => {
    const plan = (await resourceOf(key, folder)).plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    return `${(plan.kind === 'change' ? (plan.diff ?? '') : '').replace(/^\+/gm, '')}\n`
  }
  const old = before === null ? undefined : before.edit(await textOf(before.key))
  await site.arrange(
    old === undefined ? sh`rm -f ${path}` : sh`printf %s ${old} >${path}; chmod ${mode.toString(8)} ${path}`,
  )
  const wanted =
    wish === 'nowhere' ? await textOf('one', 'nowhere') : wish === 'gone' ? '' : await textOf(wish)
  await obey({
    connection: site.connection,
    resource:
      wish === 'gone'
        ? absentAptRepository(source)
        : wish === 'nowhere'
          ? await resourceOf('one', 'nowhere')
          : await resourceOf(wish),
    look: () => treeFacts(site.connection, ['/etc/apt/sources.list.d', '/etc/apt/keyrings']),
    wrong: (facts) => {
      const content = fact(facts, path, 'content')
      if (wish === 'gone') return content === undefined ? undefined : 'it is there'
      if (content !== wanted) return `it holds ${JSON.stringify(content)}`
      return fact(facts, path, 'mode') === '0644' ? undefined : 'others cannot read it'
    },
    // No key but the first has signed it.
    ending: (facts) =>
      ['two', 'nowhere'].includes(wish) && fact(facts, path, 'content') !== wanted ? 'failure' : undefined,
    owns: (key) => pathOf(key) === path || key === '/etc/apt/sources.list.d: modified',
  })
}

export const aptKeyCases = fc.record({
  before: fc.option(fc.record({ key: fc.constantFrom('one', 'two'), edit })),
  wish: fc.constantFrom('text', 'url', 'gone'),
})

export async function aptKeyObeys(
  site: HostSite,
  { before, wish }: typeof aptKeyCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const path = aptKeyring(source)
  const file = `${site.folder}/one.asc`
  const text = await demand(site.connection, sh`cat ${file}`)
  const other = await demand(site.connection, sh`cat ${`${site.folder}/two.asc`}`)
  const sha256 = (await demand(site.connection, sh`sha256sum <${file}`)).slice(0, 64)
  const old = before === null ? undefined : before.edit(before.key === 'one' ? text : other)
  await site.arrange(
    old === undefined
      ? sh`rm -f ${path}`
      : sh`mkdir -p /etc/apt/keyrings; printf %s ${old} >${path}; chmod 644 ${path}`,
  )
  await obey({
    connection: site.connection,
    resource:
      wish === 'gone'
        ? absentAptKey(source)
        : aptKey(source, wish === 'text' ? { armored: text } : { url: `file://${file}`, sha256 }),
    look: () => treeFacts(site.connection, ['/etc/apt']),
    wrong: (facts) => {
      const content = fact(facts, path, 'content')
      const right = content === (wish === 'gone' ? undefined : text)
      return right ? undefined : `it holds ${JSON.stringify(content)}`
    },
    owns: (key) => pathOf(key) === path || key === '/etc/apt/keyrings: modified',
  })
}
