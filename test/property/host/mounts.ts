import fc from 'fast-check'
import { absentMount, absentSwap, mount, type Resource, swap } from '../../../lib/resource/index.ts'
import { feed, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { cutOn, cutPoint } from '../site.ts'
import { fact, pathOf } from '../tree.ts'
import { tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

const flags = fc.subarray(['noexec', 'nosuid', 'nodev'])
const size = fc.constantFrom('1m', '2048k')
const tmpfs = fc.record({ kind: fc.constant('tmpfs' as const), size, flags })
const bind = fc.record({
  kind: fc.constant('bind' as const),
  from: fc.constantFrom('from', 'other'),
  readOnly: fc.boolean(),
})

/** What is mounted and what /etc/fstab says, each by itself, and what is wished. */
export const mountCases = fc.record({
  /** with a blank, which fstab must escape */
  odd: fc.boolean(),
  live: fc.option(fc.oneof(tmpfs, bind), { freq: 3 }),
  /** lines of fstab: of the wish itself, of something else at the path, of others */
  lines: fc.array(fc.constantFrom('wish', 'another', 'note', 'theirs', 'empty', 'short'), { maxLength: 4 }),
  lastLine: fc.boolean(),
  wish: fc.oneof({ weight: 2, arbitrary: tmpfs }, bind, fc.constant({ kind: 'gone' as const })),
  onlyFstab: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  cut: cutPoint,
})

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never
type Wished = Case<typeof tmpfs> | Case<typeof bind>

/** Takes away what is mounted below a folder. */
export const sweepMounts = (folder: string) => sh`for path in ${[`${folder}/m`, `${folder}/m n`]}; do
  while mountpoint -q "$path" 2>/dev/null; do umount -l "$path"; done
done
`

function optionsOf(wish: Wished): string {
  if (wish.kind === 'tmpfs') return [`size=${wish.size}`, ...wish.flags].join(',')
  return wish.readOnly ? 'bind,ro' : 'bind'
}

const escaped = (path: string) => path.replaceAll(' ', '\\040')

export async function mountObeys(site: HostSite, each: Case<typeof mountCases>): Promise<void> {
  const { odd, live, lines, lastLine, wish, onlyFstab, cut } = each
  const path = `${site.folder}/${odd ? 'm n' : 'm'}`
  const device = (of: Wished) => (of.kind === 'tmpfs' ? 'tmpfs' : `${site.folder}/${of.from}`)
  const type = (of: Wished) => (of.kind === 'tmpfs' ? 'tmpfs' : 'none')
  const lineOf = (of: Wished) => `${device(of)} ${escaped(path)} ${type(of)} ${optionsOf(of)} 0 0`
  const text = {
    wish: wish.kind === 'gone' ? `/dev/gone ${escaped(path)} ext4` : lineOf(wish),
    another: `/dev/other\t${escaped(path)}\text4 noauto 0 2`,
    note: `# ${path} of old`,
    theirs: `LABEL=theirs ${site.folder}/mm ext4 noauto  0 2`,
    empty: '',
    short: '/dev/x',
  }
  const fstab = `${lines.map((line) => text[line]).join('\n')}${lastLine ? '\n' : ''}`
  const mounting =
    live === null
      ? sh`:`
      : sh`mkdir -p ${path}; mount -t ${type(live)} -o ${optionsOf(live)} ${device(live)} ${path}`
  await site.arrange(sh`${sweepMounts(site.folder)}
rm -rf --one-file-system ${site.folder}; mkdir -p ${`${site.folder}/from`} ${`${site.folder}/other`}
echo x >${`${site.folder}/from/file`}
base64 -d >/etc/fstab${feed(fstab)}${mounting}`)
  const resource: Resource =
    wish.kind === 'gone'
      ? absentMount(path)
      : mount(path, {
          device: device(wish),
          type: type(wish),
          options: optionsOf(wish),
          state: onlyFstab ? 'fstab' : 'mounted',
        })
  await obey({
    connection: site.connection,
    resource,
    look: () =>
      together(
        treeFacts(site.connection, ['/etc/fstab', site.folder]),
        tableFacts(
          site.connection,
          sh`findmnt -nr -o TARGET,FSTYPE,OPTIONS,FSROOT | sed -n ${`s#^${site.folder}/m#m#p`} | sed 's/ /\\t/'`,
        ),
      ),
    wrong: (facts) => {
      const listed = (fact(facts, '/etc/fstab', 'content') ?? '')
        .split('\n')
        .filter((line) => !line.startsWith('#') && line.split(/\s+/)[1] === escaped(path))
      const mounted = facts.get(odd ? 'm\\x20n' : 'm')
      if (wish.kind === 'gone') {
        if (listed.filter((line) => line.split(/\s+/).length > 2).length > 0) return 'fstab has it'
        return mounted === undefined ? undefined : `it is mounted: ${mounted}`
      }
      const words = (line: string) => `${line} 0 0`.split(/\s+/).slice(0, 6).join(' ')
      if (listed.map(words).join('\n') !== lineOf(wish)) return `fstab has ${JSON.stringify(listed)}`
      return onlyFstab ? undefined : wrongLive(mounted, wish, site.folder)
    },
    owns: (key) =>
      pathOf(key) === '/etc/fstab' ||
      key === (odd ? 'm\\x20n' : 'm') ||
      key.startsWith(`${path}: `) ||
      key.startsWith(`${path}/`) ||
      key === `${site.folder}: modified`,
    foretold: (_, before, after) => {
      const others = (facts: Facts) =>
        (fact(facts, '/etc/fstab', 'content') ?? '')
          .split('\n')
          .filter((line) => line !== '' && line.split(/\s+/)[1] !== escaped(path))
          .join('\n')
      if (others(before) !== others(after)) throw new Error(`other lines were touched: ${others(after)}`)
    },
    ...cutOn(site, cut),
  })
  await site.arrange(sweepMounts(site.folder))
}

function wrongLive(mounted: string | undefined, wish: Wished, folder: string): string | undefined {
  const [type = '', options = '', root = ''] = mounted?.split(' ') ?? []
  if (mounted === undefined) return 'it is not mounted'
  const has = options.split(',')
  if (wish.kind === 'tmpfs') {
    if (type !== 'tmpfs') return `a ${type} is mounted`
    const missing = [...wish.flags, `size=${wish.size === '1m' ? '1024k' : '2048k'}`].filter(
      (flag) => !has.includes(flag),
    )
    return missing.length === 0 ? undefined : `it lacks ${missing.join()}`
  }
  if (!root.endsWith(`${folder}/${wish.from}`)) return `${root} is mounted`
  return has.includes('ro') === wish.readOnly ? undefined : `it is ${options}`
}

/** A line of /etc/fstab for swap; what is used is the machine's, not the lab host's, and left alone. */
export const swapCases = fc.record({
  lines: fc.array(fc.constantFrom('none', 'swap', 'pri', 'commented', 'other'), { maxLength: 3 }),
  wish: fc.constantFrom('none', 'pri', 'gone'),
  cut: cutPoint,
})

export async function swapObeys(site: HostSite, each: Case<typeof swapCases>): Promise<void> {
  const { lines, wish, cut } = each
  const device = `${site.folder}/swapfile`
  const text = {
    none: `${device} none swap sw 0 0`,
    swap: `${device}   swap\tswap defaults 0 0`,
    pri: `${device} none swap sw,pri=5 0 0`,
    commented: `#${device} none swap sw 0 0`,
    other: `${device}2 none swap sw 0 0`,
  }
  await site.arrange(sh`base64 -d >/etc/fstab${feed(lines.map((line) => `${text[line]}\n`).join(''))}`)
  await obey({
    connection: site.connection,
    resource:
      wish === 'gone'
        ? absentSwap(device)
        : swap(device, { state: 'fstab', ...(wish === 'pri' ? { priority: 5 } : {}) }),
    look: () => treeFacts(site.connection, ['/etc/fstab', '/proc/swaps']),
    wrong: (facts) => {
      const listed = (fact(facts, '/etc/fstab', 'content') ?? '')
        .split('\n')
        .filter((line) => line.split(/\s+/)[0] === device)
      return listed.join('\n') === (wish === 'gone' ? '' : text[wish === 'pri' ? 'pri' : 'none'])
        ? undefined
        : `fstab has ${JSON.stringify(listed)}`
    },
    owns: (key) => pathOf(key) === '/etc/fstab',
    ...cutOn(site, cut),
  })
}
