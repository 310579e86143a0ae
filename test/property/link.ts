import fc from 'fast-check'
import { link } from '../../lib/resource/index.ts'
import { obey } from './laws.ts'
import { oddLine } from './odd.ts'
import { cutOn, cutPoint, type Site } from './site.ts'
import { at, place, settle, thing } from './standing.ts'
import { fact, pathOf } from './tree.ts'

/** A link wished where anything may stand; its target is at times nearly the one that is there. */
export const linkCases = fc.record({
  where: place,
  there: thing('link'),
  target: fc.oneof(
    oddLine.filter((target) => target !== '' && !target.includes('\r')),
    fc.constant('the same'),
    fc.constant('its first line'),
  ),
  cut: cutPoint,
})

export async function linkObeys(
  site: Site,
  each: typeof linkCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const { where, there } = each
  const grove = await site.grove()
  const path = at(where)
  await settle(grove, where, there, site.owners)
  const is = there.kind === 'link' ? there.target : 'a'
  const first = is.split(/[\r\n]/)[0] || 'a'
  const target = each.target === 'its first line' || each.target === 'the same' ? first : each.target
  const wanted = Buffer.from(target).toString('latin1')
  await obey({
    connection: site.connection,
    resource: link(`${grove.folder}/${path}`, target),
    look: grove.look,
    wrong: (facts) =>
      fact(facts, path, 'target') === wanted ? undefined : `${path} leads to ${fact(facts, path, 'target')}`,
    ending: (before) => {
      const kind = fact(before, path, 'kind')
      return kind === undefined || kind === 'link' ? undefined : 'conflict'
    },
    owns: (key) => pathOf(key) === path || key === `${where.parent}: modified`,
    foretold: ({ summary, diff }) => {
      const fresh = there.kind === 'absent'
      if (summary !== (fresh ? 'create' : 'target changed')) throw new Error(`"${summary}"`)
      // A target of several lines is shown as one.
      const whole = fresh ? `+${target}` : `-${is.replaceAll('\n', '\\n')}\n+${target}`
      if (diff !== whole) throw new Error(`the diff is ${JSON.stringify(diff)}, not ${JSON.stringify(whole)}`)
    },
    atomic: true,
    ...cutOn(site, each.cut),
  })
}
