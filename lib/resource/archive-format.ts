import { type Script, sh } from '../script/index.ts'

export type ArchiveFormat = 'tar' | 'tar.gz' | 'tar.xz' | 'tar.zst' | 'tar.bz2' | 'zip'

const endings: readonly (readonly [RegExp, ArchiveFormat])[] = [
  [/\.tar$/, 'tar'],
  [/\.(?:tar\.gz|tgz)$/, 'tar.gz'],
  [/\.(?:tar\.xz|txz)$/, 'tar.xz'],
  [/\.(?:tar\.zst|tzst)$/, 'tar.zst'],
  [/\.(?:tar\.bz2|tbz2?)$/, 'tar.bz2'],
  [/\.(?:zip|jar|war)$/, 'zip'],
]

/** What an archive is by the end of its name; a TypeError where that does not tell. */
export function formatOf(name: string): ArchiveFormat {
  const path = name.replace(/[?#].*$/, '')
  const found = endings.find(([ending]) => ending.test(path.toLowerCase()))
  if (found === undefined) {
    throw new TypeError(`the name does not tell what kind of archive it is, so format is needed: ${name}`)
  }
  return found[1]
}

const tools: Readonly<Record<ArchiveFormat, readonly [program: string, aptPackage: string] | undefined>> = {
  tar: undefined,
  'tar.gz': undefined,
  'tar.xz': ['xz', 'xz-utils'],
  'tar.zst': ['zstd', 'zstd'],
  'tar.bz2': ['bzip2', 'bzip2'],
  zip: ['unzip', 'unzip'],
}

const tarFlags = {
  tar: [],
  'tar.gz': ['-z'],
  'tar.xz': ['-J'],
  'tar.zst': ['--zstd'],
  'tar.bz2': ['-j'],
} as const

/** Unpacks the file that `file`, a word of sh, names into a directory that is there; stands under `set -e`. */
export function unpack(format: ArchiveFormat, file: Script, into: string, strip: number): Script {
  const tool = tools[format]
  const need =
    tool === undefined
      ? sh``
      : sh`command -v ${tool[0]} >/dev/null || { echo ${`this host has no ${tool[0]}: packages(['${tool[1]}']) brings it`} >&2; exit 1; }
`
  if (format !== 'zip') {
    return sh`${need}tar -x ${tarFlags[format]} -f ${file} -C ${into} --no-same-owner --no-same-permissions --strip-components=${strip}`
  }
  // unzip knows no strip: what lies so deep is moved up.
  const flat = `${into}/.quayside-flat`
  const raise = sh`mkdir ${flat}
find ${into} -mindepth ${strip + 1} -maxdepth ${strip + 1} ! -path ${`${flat}*`} -exec mv -t ${flat} -- {} +
find ${into} -mindepth 1 -maxdepth 1 ! -path ${flat} -exec rm -rf -- {} +
find ${flat} -mindepth 1 -maxdepth 1 -exec mv -t ${into} -- {} +
rmdir ${flat}`
  return sh`${need}unzip -q -o ${file} -d ${into} </dev/null
${strip === 0 ? sh`` : raise}`
}
