import fc from 'fast-check'
import { absentFile, type Change, file } from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { Secret } from '../../lib/secret/index.ts'
import { accessForetold, wrongAccess } from './access.ts'
import type { Facts } from './facts.ts'
import { type Ending, obey } from './laws.ts'
import { edit, fileMode, oddBytes } from './odd.ts'
import { patched } from './patch.ts'
import { cutOn, cutPoint, type Site } from './site.ts'
import { at, place, settle, thing } from './standing.ts'
import { fact, pathOf } from './tree.ts'

const secret = 'hush-Zq9x'

/** A file wished where anything may stand, with a content that is often nearly what is there. */
export const fileCases = fc.record({
  where: place,
  there: thing('file'),
  content: fc.oneof(
    { weight: 3, arbitrary: edit.map((change) => ({ change })) },
    { weight: 1, arbitrary: oddBytes.map((bytes) => ({ bytes })) },
  ),
  as: fc.constantFrom('text', 'text', 'bytes', 'secret'),
  mode: fileMode,
  owner: fc.nat({ max: 7 }),
  byNumber: fc.boolean(),
  /** its check refuses the new file */
  refused: fc.boolean(),
  cut: cutPoint,
})

export type FileCase = typeof fileCases extends fc.Arbitrary<infer T> ? T : never

export async function fileObeys(site: Site, each: FileCase): Promise<void> {
  const grove = await site.grove()
  const path = at(each.where)
  await settle(grove, each.where, each.there, site.owners)
  const owner = site.owners[each.owner % site.owners.length] ?? site.owners[0]
  const old = each.there.kind === 'file' ? each.there.content : ''
  const latin1 = 'bytes' in each.content ? each.content.bytes : each.content.change(old)
  const bytes = Buffer.from(each.as === 'secret' ? `${secret}${latin1}` : latin1, 'latin1')
  // Only what is UTF-8 can be given as text.
  const content = each.as === 'bytes' ? bytes : bytes.toString('utf8')
  const wanted = Buffer.from(content).toString('latin1')
  const refused = each.refused && each.cut === null
  const resource = file(`${grove.folder}/${path}`, {
    content: each.as === 'secret' ? new Secret(String(content)) : content,
    mode: each.mode,
    owner: each.byNumber ? owner.uid : owner.user,
    group: each.byNumber ? owner.gid : owner.group,
    ...(refused ? { validate: () => sh`echo 'not good' >&2; false` } : {}),
  })
  const holds = (facts: Facts) =>
    fact(facts, path, 'kind') === 'file' && fact(facts, path, 'content') === wanted
  await obey({
    connection: site.connection,
    resource,
    look: grove.look,
    wrong: (facts) => {
      if (fact(facts, path, 'kind') !== 'file') return `${path} is no file`
      if (!holds(facts)) return `${path} holds ${JSON.stringify(fact(facts, path, 'content'))}`
      return wrongAccess(facts, path, each.mode, owner)
    },
    ending: (before): Ending | undefined => {
      if (fact(before, path, 'kind') === 'directory') return 'conflict'
      return refused && !holds(before) ? 'failure' : undefined
    },
    owns: (key) => pathOf(key) === path || key === `${each.where.parent}: modified`,
    foretold: (change, before, after) => fileForetold(change, before, after, path, each.as === 'secret'),
    secrets: [secret],
    atomic: each.there.kind !== 'file' || old !== wanted,
    ...cutOn(site, each.cut),
  })
}

function fileForetold(change: Change, before: Facts, after: Facts, path: string, hidden: boolean): void {
  const { summary, diff } = change
  const was = fact(before, path, 'kind')
  const said = (pattern: RegExp, when: boolean) => {
    if (pattern.test(summary) !== when) throw new Error(`"${summary}" is not what became of a ${was}`)
  }
  said(/^create /, was === undefined)
  said(/^replace the /, was !== undefined && was !== 'file')
  said(/secret/, hidden && (was === undefined || /content changed/.test(summary)))
  if (was === 'file') {
    accessForetold(summary, before, after, path)
    said(/content changed/, fact(before, path, 'content') !== fact(after, path, 'content'))
    const stays = fact(before, path, 'inode') === fact(after, path, 'inode')
    if (stays === /content changed/.test(summary)) throw new Error(`"${summary}": the inode says otherwise`)
  } else said(new RegExp(`mode ${fact(after, path, 'mode')}`), true)
  const [old, now] = [text(fact(before, path, 'content') ?? ''), text(fact(after, path, 'content') ?? '')]
  const showable = !hidden && old !== undefined && now !== undefined && old !== now
  if ((diff !== undefined) !== showable) throw new Error(`"${summary}" has the diff ${JSON.stringify(diff)}`)
  if (diff !== undefined && patched(old ?? '', diff) !== now) {
    throw new Error(`the diff makes ${JSON.stringify(patched(old ?? '', diff))}, not ${JSON.stringify(now)}`)
  }
}

/** A file that shall not be, where anything may stand. */
export const absentFileCases = fc.record({ where: place, there: thing('file') })

export async function absentFileObeys(
  site: Site,
  { where, there }: typeof absentFileCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const grove = await site.grove()
  const path = at(where)
  await settle(grove, where, there, site.owners)
  await obey({
    connection: site.connection,
    resource: absentFile(`${grove.folder}/${path}`),
    look: grove.look,
    wrong: (facts) => (fact(facts, path, 'kind') === undefined ? undefined : `${path} is there`),
    ending: (before) => (fact(before, path, 'kind') === 'directory' ? 'conflict' : undefined),
    owns: (key) => pathOf(key) === path || key === `${where.parent}: modified`,
    foretold: ({ summary }) => {
      const word = there.kind === 'fifo' ? 'special file' : there.kind
      if (summary !== `remove the ${word}`) throw new Error(`"${summary}" of a ${word}`)
    },
  })
}

/** The text as a diff can show it; undefined for what is not UTF-8, or holds a NUL byte. */
export function text(latin1: string): string | undefined {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(latin1, 'latin1'),
    )
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}
