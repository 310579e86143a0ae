import fc from 'fast-check'
import { absentDirectory, directory } from '../../lib/resource/index.ts'
import { accessForetold, octal, wrongAccess } from './access.ts'
import { obey } from './laws.ts'
import { directoryMode, oddName } from './odd.ts'
import { cutOn, cutPoint, type Site } from './site.ts'
import { at, place, settle, thing } from './standing.ts'
import { fact, pathOf } from './tree.ts'

/** A directory wished where anything may stand, at times below parents that are not there. */
export const directoryCases = fc.record({
  where: place,
  there: thing('directory'),
  below: fc.array(oddName, { maxLength: 2 }),
  mode: directoryMode,
  owner: fc.nat({ max: 7 }),
  cut: cutPoint,
})

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

export async function directoryObeys(site: Site, each: Case<typeof directoryCases>): Promise<void> {
  const { where, there, mode } = each
  const grove = await site.grove()
  await settle(grove, where, there, site.owners)
  const owner = site.owners[each.owner % site.owners.length] ?? site.owners[0]
  // Below a file or a link there is no directory to be had: those stay the wish's own place.
  const below = there.kind === 'absent' || there.kind === 'directory' ? each.below : []
  const path = [at(where), ...below].join('/')
  const made = [...below.keys()].map((index) => [at(where), ...below.slice(0, index)].join('/'))
  await obey({
    connection: site.connection,
    resource: directory(`${grove.folder}/${path}`, { mode, owner: owner.user, group: owner.group }),
    look: grove.look,
    wrong: (facts) =>
      fact(facts, path, 'kind') === 'directory'
        ? wrongAccess(facts, path, mode, owner)
        : `${path} is no directory`,
    ending: (before) => {
      const kind = fact(before, path, 'kind')
      return kind === undefined || kind === 'directory' ? undefined : 'conflict'
    },
    owns: (key) =>
      pathOf(key) === path ||
      key === `${where.parent}: modified` ||
      (made.includes(pathOf(key)) &&
        (pathOf(key) !== at(where) || there.kind === 'absent' || key.endsWith(': modified'))),
    foretold: ({ summary }, before, after) => {
      const kind = fact(before, path, 'kind')
      if (kind !== undefined) return accessForetold(summary, before, after, path)
      if (summary !== `create (mode ${octal(mode)})`) throw new Error(`"${summary}" where nothing was`)
      for (const parent of made) {
        const fresh = fact(before, parent, 'kind') === undefined
        // A folder below one with setgid has it, too.
        if (fresh && !/^[02]755$/.test(fact(after, parent, 'mode') ?? ''))
          throw new Error(`${parent} is not 0755`)
      }
    },
    ...cutOn(site, each.cut),
  })
}

/** A directory that shall not be, where anything may stand. */
export const absentDirectoryCases = fc.record({ where: place, there: thing('directory'), cut: cutPoint })

export async function absentDirectoryObeys(
  site: Site,
  { where, there, cut }: Case<typeof absentDirectoryCases>,
): Promise<void> {
  const grove = await site.grove()
  const path = at(where)
  await settle(grove, where, there, site.owners)
  await obey({
    connection: site.connection,
    resource: absentDirectory(`${grove.folder}/${path}`),
    look: grove.look,
    wrong: (facts) => (fact(facts, path, 'kind') === undefined ? undefined : `${path} is there`),
    ending: (before) => {
      const kind = fact(before, path, 'kind')
      return kind === undefined || kind === 'directory' ? undefined : 'conflict'
    },
    owns: (key) =>
      pathOf(key) === path || pathOf(key).startsWith(`${path}/`) || key === `${where.parent}: modified`,
    foretold: ({ summary }) => {
      if (summary !== 'remove with all that it holds') throw new Error(`"${summary}" of a directory`)
    },
    ...cutOn(site, cut),
  })
}
