import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { fetchFile, syncDirectory } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { octal } from '../access.ts'
import { type Facts, without } from '../facts.ts'
import { obey } from '../laws.ts'
import { localGrove } from '../local-grove.ts'
import { fileMode, oddBytes, oddName } from '../odd.ts'
import { cutOn, cutPoint } from '../site.ts'
import { fact, type Plant, pathOf } from '../tree.ts'
import { treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

/** Something in a tree, in one of its three folders. */
const entry = fc.record({
  folder: fc.constantFrom('', 'a', 'a/b'),
  name: oddName.filter((name) => name !== 'a' && name !== 'b'),
  kind: fc.constantFrom('file' as const, 'file' as const, 'link' as const, 'directory' as const),
  content: oddBytes,
  mode: fileMode,
})
const tree = fc.uniqueArray(entry, { maxLength: 5, selector: ({ folder, name }) => `${folder}/${name}` })

/** A folder of this machine, and a tree on the host that is partly the same. */
export const syncCases = fc.record({
  here: tree,
  /** entries of `here` that the host has, as they are or of another kind, content or mode */
  kept: fc.array(fc.constantFrom('not', 'same', 'content', 'mode', 'kind', 'owner'), {
    minLength: 5,
    maxLength: 5,
  }),
  more: tree,
  root: fc.constantFrom('directory', 'directory', 'absent', 'link', 'file'),
  delete: fc.boolean(),
  owner: fc.nat({ max: 2 }),
  directoryMode: fc.constantFrom(0o755, 0o750, 0o2770),
  fileMode: fc.option(fc.constantFrom(0o640, 0o600)),
  died: fc.boolean(),
  cut: cutPoint,
})

function plants(entries: readonly Case<typeof entry>[]): Plant[] {
  return entries.map(({ folder, name, kind, content, mode }): Plant => {
    const at = folder === '' ? name : `${folder}/${name}`
    if (kind === 'link')
      return { at, kind, target: content === '' ? 'x' : Buffer.from(content, 'latin1').toString('hex') }
    if (kind === 'directory') return { at, kind, mode: 0o755 }
    return { at, kind, content, mode }
  })
}

const folders: Plant[] = [
  { at: 'a', kind: 'directory', mode: 0o755 },
  { at: 'a/b', kind: 'directory', mode: 0o755 },
]

export async function syncObeys(site: HostSite, each: Case<typeof syncCases>): Promise<void> {
  const from = await mkdtemp(join(tmpdir(), 'quayside-sync-'))
  try {
    await synced(site, each, from)
  } finally {
    await rm(from, { recursive: true, force: true })
  }
}

async function synced(site: HostSite, each: Case<typeof syncCases>, from: string): Promise<void> {
  const { root, died, cut, delete: mayDelete } = each
  const owner = site.owners[each.owner] ?? site.owners[0]
  const wanted = [...folders, ...plants(each.here)]
  await (await localGrove(from)).plant(wanted)

  const grove = await site.grove()
  const path = `${grove.folder}/tree`
  if (root === 'directory') await grove.plant(there(each, owner))
  if (root === 'file') await grove.plant([{ at: 'tree', kind: 'file', content: 'x' }])
  if (root === 'link') await grove.plant([{ at: 'tree', kind: 'link', target: '.' }])
  if (died && root === 'directory')
    await site.arrange(
      sh`mkdir -p ${`${path}/.quayside-sync/new/a`}; echo half >${`${path}/.quayside-sync/new/a/x`}`,
    )

  const shall = (thing: Plant) => {
    if (thing.kind === 'directory') return each.directoryMode
    return each.fileMode ?? ((('mode' in thing ? thing.mode : 0) ?? 0) & 0o100 ? 0o755 : 0o644)
  }
  const at = (thing: Plant) => `tree/${thing.at}`
  const wrongAt = (facts: Facts, thing: Plant) => {
    if (fact(facts, at(thing), 'kind') !== thing.kind)
      return `${at(thing)} is ${fact(facts, at(thing), 'kind')}`
    if (fact(facts, at(thing), 'uid') !== String(owner.uid)) return `${at(thing)} has another owner`
    if (fact(facts, at(thing), 'gid') !== String(owner.gid)) return `${at(thing)} has another group`
    if (thing.kind === 'link')
      return fact(facts, at(thing), 'target') === thing.target ? undefined : `${at(thing)} leads elsewhere`
    if (fact(facts, at(thing), 'mode') !== octal(shall(thing)))
      return `${at(thing)} has mode ${fact(facts, at(thing), 'mode')}`
    if (thing.kind === 'file' && fact(facts, at(thing), 'content') !== thing.content)
      return `${at(thing)} holds something else`
    return undefined
  }
  const names = new Set(wanted.map(at))
  const extra = (facts: Facts) =>
    [...facts.keys()].map(pathOf).filter((key) => key.startsWith('tree/') && !names.has(key))
  const mine = (key: string) => pathOf(key) === 'tree' || key.startsWith('tree/')
  await obey({
    connection: site.connection,
    resource: syncDirectory(path, {
      from,
      delete: mayDelete,
      owner: owner.user,
      group: owner.group,
      directoryMode: each.directoryMode,
      ...(each.fileMode === null ? {} : { fileMode: each.fileMode }),
    }),
    look: () => treeFacts(site.connection, [grove.folder], grove.folder),
    wrong: (facts) => {
      if (fact(facts, 'tree', 'kind') !== 'directory') return 'there is no tree'
      const left = extra(facts).filter((key) => mayDelete || key.startsWith('tree/.quayside-sync'))
      if (left.length > 0) return `${left[0]} is there`
      for (const thing of wanted) {
        const wrong = wrongAt(facts, thing)
        if (wrong !== undefined) return wrong
      }
      return undefined
    },
    ending: (before) => {
      const kind = fact(before, 'tree', 'kind')
      if (kind !== undefined && kind !== 'directory') return 'conflict'
      const blocked = wanted.some((thing) => {
        const is = fact(before, at(thing), 'kind')
        return is !== undefined && is !== thing.kind && [is, thing.kind].includes('directory')
      })
      return blocked && !mayDelete ? 'conflict' : undefined
    },
    owns: (key) => mine(key) || key === ': modified',
    foretold: ({ summary }, before, after) => {
      const keep = mayDelete ? [] : extra(before).filter((key) => !key.startsWith('tree/.quayside-sync'))
      const only = (facts: Facts) =>
        without(facts, (key) => !keep.includes(pathOf(key)) || key.endsWith('modified'))
      for (const [key, value] of only(before))
        if (after.get(key) !== value) throw new Error(`"${summary}" also changed ${key}`)
      if (summary.includes('remove') && !mayDelete) throw new Error(`"${summary}" without delete`)
      // A file that is as wished already stays the same file.
      for (const thing of wanted) {
        if (wrongAt(before, thing) !== undefined) continue
        if (fact(before, at(thing), 'inode') !== fact(after, at(thing), 'inode'))
          throw new Error(`${at(thing)} was made anew`)
      }
    },
    ...cutOn(site, cut),
  })
}

/** What the host has before: parts of what is wished, changed in one way each, and things of its own. */
function there(each: Case<typeof syncCases>, owner: HostSite['owners'][number]): Plant[] {
  const root: Plant = { at: 'tree', kind: 'directory', mode: 0o755 }
  const mine = plants(each.here).flatMap((thing, index): Plant[] => {
    const how = each.kept[index] ?? 'not'
    if (how === 'not') return []
    const owned =
      how === 'owner' || thing.kind === 'link' || thing.kind === 'fifo' ? thing : { ...thing, owner }
    if (how === 'content' && owned.kind === 'file') return [{ ...owned, content: `${owned.content}x` }]
    if (how === 'mode' && owned.kind === 'file') return [{ ...owned, mode: 0o600 }]
    if (how !== 'kind') return [owned]
    if (thing.kind === 'directory') return [{ at: thing.at, kind: 'file', content: 'in the way' }]
    return [
      { at: thing.at, kind: 'directory' },
      { at: `${thing.at}/inside`, kind: 'file', content: 'theirs' },
    ]
  })
  const taken = new Set(mine.map(({ at }) => at))
  const more = plants(each.more).filter(({ at }) => !taken.has(at))
  const all = [root, ...[...folders, ...mine, ...more].map((thing) => ({ ...thing, at: `tree/${thing.at}` }))]
  return all
}

/** A file of the host, as one on this machine. */
export const fetchCases = fc.record({
  there: fc.constantFrom('file', 'file', 'file', 'absent', 'directory', 'link'),
  content: oddBytes,
  mode: fc.constantFrom(0o644, 0o600, 0o640),
  here: fc.constantFrom('absent', 'same', 'other', 'open', 'directory', 'deep'),
})

export async function fetchObeys(site: HostSite, each: Case<typeof fetchCases>): Promise<void> {
  const { there, content, mode, here } = each
  const local = await mkdtemp(join(tmpdir(), 'quayside-fetch-'))
  try {
    const grove = await site.grove()
    const path = `${grove.folder}/odd 'name"`
    const file: Plant = { at: `odd 'name"`, kind: 'file', content, mode }
    if (there === 'file') await grove.plant([file])
    if (there === 'directory') await grove.plant([{ at: file.at, kind: 'directory' }])
    if (there === 'link')
      await grove.plant([
        { ...file, at: 'real' },
        { at: file.at, kind: 'link', target: 'real' },
      ])
    const mine = await localGrove(local)
    const name = here === 'deep' ? 'a/b/copy' : 'copy'
    const standing: readonly Plant[] = {
      absent: [],
      deep: [],
      same: [{ at: name, kind: 'file' as const, content, mode: 0o600 }],
      other: [{ at: name, kind: 'file' as const, content: `${content}x`, mode: 0o644 }],
      open: [{ at: name, kind: 'file' as const, content, mode: 0o644 }],
      directory: [{ at: name, kind: 'directory' as const }],
    }[here]
    await mine.plant(standing)
    const hidden = mode !== 0o644
    await obey({
      connection: site.connection,
      resource: fetchFile(path, join(local, name)),
      look: async () => {
        const prefixed = (facts: Facts, prefix: string) =>
          [...facts].map(([key, value]): [string, string] => [`${prefix}${key}`, value])
        return new Map([...prefixed(await grove.look(), 'host '), ...prefixed(await mine.look(), 'here ')])
      },
      wrong: (facts) => {
        if (facts.get(`here ${name}: content`) !== content) return 'its content is another'
        const open = hidden && facts.get(`here ${name}: mode`) !== '0600'
        return open ? `others can read it: ${facts.get(`here ${name}: mode`)}` : undefined
      },
      ending: () => {
        if (there === 'absent') return 'unknown'
        return there === 'directory' || here === 'directory' ? 'conflict' : undefined
      },
      owns: (key) => key.startsWith('here '),
    })
  } finally {
    await rm(local, { recursive: true, force: true })
  }
}
