import { feed, lines, raw, type Script, sh } from '../script/index.ts'
import type { Suite } from './suite.ts'

/** Where apt keeps a suite's lists: an apt of its own, which shares with the host's no more than how a mirror is reached. */
export function aptConf(folder: string, { architectures }: Suite): string {
  const settings: readonly (readonly [string, string])[] = [
    // Neither the host's hooks, nor its pins, nor its sources.
    ['Dir::Etc::main', '/dev/null'],
    ['Dir::Etc::parts', '/dev/null'],
    ['Dir::Etc::sourceparts', '/dev/null'],
    ['Dir::Etc::preferences', '/dev/null'],
    ['Dir::Etc::preferencesparts', '/dev/null'],
    ['Dir::Etc::sourcelist', `${folder}/sources.list`],
    ['Dir::State::lists', `${folder}/lists`],
    ['Dir::State::extended_states', `${folder}/extended_states`],
    ['Dir::Cache', `${folder}/cache`],
    // They would outlive the list of packages that they were made of.
    ['Dir::Cache::pkgcache', ''],
    ['Dir::Cache::srcpkgcache', ''],
    ['APT::Architecture', architectures[0] ?? ''],
    // Old lists would do for apt: it warns, and goes on.
    ['APT::Update::Error-Mode', 'any'],
    ['Acquire::Languages', 'none'],
  ]
  const all = architectures.map((each) => `"${each}";`).join(' ')
  return `${settings.map(([name, value]) => `${name} "${value}";\n`).join('')}#clear APT::Architectures;\nAPT::Architectures { ${all} };\n`
}

/** A line of sources.list. */
export function source({ name, mirror, components, keyring }: Suite): string {
  return `deb [signed-by=${keyring}] ${mirror} ${name} ${components.join(' ')}\n`
}

/** Fetches a suite's lists into a folder, and prints the line of its Release that says of when it is. */
export function refresh(suite: Suite, folder: string): Script {
  return lines(
    sh`set -e
mkdir -p ${`${folder}/lists/partial`} ${`${folder}/cache/archives/partial`}
cd ${folder}`,
    raw('(umask 077; apt-config dump | sed -n "/^Acquire::/p" > apt.conf)'),
    sh`base64 -d >> apt.conf${feed(aptConf(folder, suite))}base64 -d > sources.list${feed(source(suite))}
export APT_CONFIG=${`${folder}/apt.conf`}
touch empty
apt-get -q -o Dir::State::status=${`${folder}/empty`} update >said 2>&1 || { cat said >&2; exit 1; }`,
    // Whatever apt thought of it: no list, no scan.
    sh`for each in ${suite.architectures}; do
  ls lists | grep -q "_main_binary-\${each}_Packages" || { cat said >&2; echo "it has no list of packages for $each" >&2; exit 1; }
done
grep -h -m 1 '^Date: ' lists/*Release`,
  )
}

/** Prints the packages of an image, by its dpkg's list, of which the suite has a newer version. */
export function pending(status: string, folder: string): Script {
  // Not `apt-get -s upgrade`: it leaves out what is held, and what it could not install.
  return sh`export APT_CONFIG=${`${folder}/apt.conf`}
apt -o Dir::State::status=${status} list --upgradable
`
}
