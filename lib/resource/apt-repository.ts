import { type Script, sh } from '../script/index.ts'
import { type AptSource, armoredKey, sourceText } from './apt-source.ts'
import { matching } from './argument.ts'
import { download, type Remote } from './download.ts'
import { absentFile, file } from './file.ts'
import type { Common, Resource } from './resource.ts'
import { template } from './template.ts'

/**
 * A repository of packages, as a deb822 file in /etc/apt/sources.list.d. Before the file takes its place, apt fetches
 * this list, and no other, by it: where a key does not fit or a file is not there, the host stays as it was.
 */
export function aptRepository(name: string, options: AptSource & Common): Resource {
  const { notify, ...source } = options
  const path = aptSourcePath(name)
  return {
    ...template(path, sourceText(source), { validate: updateBy, notify }),
    id: `apt repository ${name}`,
  }
}

/** No such repository; packages that came from it stay, and its key, too. */
export function absentAptRepository(name: string, options: Common = {}): Resource {
  return { ...absentFile(aptSourcePath(name), options), id: `apt repository ${name}` }
}

/**
 * An armored key in /etc/apt/keyrings, for the `signedBy` of repositories: its text, or a URL that the host fetches
 * it from.
 */
export function aptKey(name: string, key: (Remote | { readonly armored: string }) & Common): Resource {
  const path = aptKeyring(name)
  const id = `apt key ${name}`
  if ('armored' in key) return { ...file(path, { content: armoredKey(key.armored), notify: key.notify }), id }
  return { ...download(path, { ...key, validate: isArmored }), id }
}

/** No such key. A repository that needs it is no longer fetched. */
export function absentAptKey(name: string, options: Common = {}): Resource {
  return { ...absentFile(aptKeyring(name), options), id: `apt key ${name}` }
}

/** Where aptKey puts a key: "/etc/apt/keyrings/NAME.asc". */
export function aptKeyring(name: string): string {
  return `/etc/apt/keyrings/${fileName(name)}.asc`
}

/** Where aptRepository puts a repository: "/etc/apt/sources.list.d/NAME.sources". */
export function aptSourcePath(name: string): string {
  return `/etc/apt/sources.list.d/${fileName(name)}.sources`
}

/** apt leaves out files with other characters in their names. */
function fileName(name: string): string {
  return matching(name, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'name of a repository or key')
}

/** apt tells binary keys from armored ones by the file's name alone. */
function isArmored(candidate: string): Script {
  return sh`grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' -- ${candidate} || { echo 'it is no armored key' >&2; exit 1; }`
}

/**
 * apt-get update by one file. The file stands in a directory of its own under a name with ".sources", which tells apt
 * its format. Error-Mode=any: without it apt keeps an old list and ends with 0 where a signature is bad.
 */
function updateBy(candidate: string): Script {
  return sh`command -v apt-get >/dev/null || { echo 'this host has no apt' >&2; exit 1; }
only=$(mktemp -d)
cp -- ${candidate} "$only/candidate.sources"
chmod 0755 "$only"
chmod 0644 "$only/candidate.sources"
tries=0
until said=$(LC_ALL=C apt-get -q -o Dir::Etc::sourcelist="$only/candidate.sources" -o Dir::Etc::sourceparts=- \\
  -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any -o Acquire::Retries=2 \\
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= update 2>&1 </dev/null); do
  tries=$((tries + 1))
  case $said in *lists/lock*) [ $tries -ge 24 ] || { sleep 5; continue; } ;; esac
  rm -rf -- "$only"
  echo 'apt cannot use this repository, and the host was left as it was:' >&2
  printf '%s\\n' "$said" | grep -e '^[EW]:' -e '^Err:' >&2 || printf '%s\\n' "$said" >&2
  exit 1
done
rm -rf -- "$only"`
}
