import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { file, resource, together, unchanged } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { inWords, onThisMachine } from './observe.ts'

const here = onThisMachine()

/** A file that a script makes, and that is made only once the others it waits for are begun. */
const made = (name: string, apply = sh`touch ${join(here.folder, name)}`) =>
  resource({
    id: name,
    probe: sh`[ -e ${join(here.folder, name)} ] && echo there || :
`,
    read: ({ stdout }) => stdout.trim(),
    plan: (found) => (found === 'there' ? unchanged : { kind: 'change', summary: 'make', apply }),
    notify: `told of ${name}`,
  })

async function look(part: ReturnType<typeof together>) {
  return part.plan(await here.shell.run(part.probe))
}

async function apply(part: ReturnType<typeof together>) {
  const plan = await look(part)
  if (plan.kind !== 'change') throw new Error(inWords(plan))
  return here.shell.run(sh`set -e
${plan.apply}
`)
}

describe('resources that need nothing of one another', () => {
  test('are one plan: what is there already is left out', async () => {
    writeFileSync(join(here.folder, 'one'), '')
    const all = together('all', [made('one'), made('two'), made('three')])
    expect(inWords(await look(all))).toBe('change: two: make, three: make')
    expect(all.notify).toEqual(['told of one', 'told of two', 'told of three'])
    expect((await apply(all)).code).toBe(0)
    expect(inWords(await look(all))).toBe('unchanged')
  })

  test('are changed at the same time', async () => {
    const begun = (name: string, other: string) => sh`touch ${join(here.folder, `begun-${name}`)}
n=0
until [ -e ${join(here.folder, `begun-${other}`)} ]; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done
touch ${join(here.folder, name)}`
    const pair = together('pair', [
      made('left', begun('left', 'right')),
      made('right', begun('right', 'left')),
    ])
    expect((await apply(pair)).code).toBe(0)
    expect(inWords(await look(pair))).toBe('unchanged')
  })

  test('fail as one, once all have ended, each with its own words', async () => {
    const failing = sh`echo 'no room for it' >&2
false
touch ${join(here.folder, 'never')}`
    const slow = sh`sleep 0.5
touch ${join(here.folder, 'slow')}`
    const { code, stderr } = await apply(
      together('all', [made('never', failing), made('slow', slow), made('quick')]),
    )
    expect(code).not.toBe(0)
    expect(stderr).toContain('no room for it')
    expect(readdirSync(here.folder)).toEqual(expect.arrayContaining(['slow', 'quick']))
    expect(existsSync(join(here.folder, 'never'))).toBe(false)
  })

  test('cannot be told where one of them cannot be looked at', async () => {
    const blind = resource({
      id: 'blind',
      probe: sh`echo 'docker is not installed' >&2
exit 3
`,
      read: () => '',
      plan: () => unchanged,
    })
    const all = together('all', [made('one'), blind, made('two')])
    expect(inWords(await look(all))).toBe('unknown: docker is not installed')
  })

  test('show whose diff is whose', async () => {
    const [a, b] = [join(here.folder, 'a.conf'), join(here.folder, 'b.conf')]
    const plan = await look(together('both', [file(a, { content: 'x\n' }), file(b, { content: 'y\n' })]))
    expect(plan.kind === 'change' && plan.diff).toBe(`@@ file ${a} @@\n+x\n@@ file ${b} @@\n+y`)
  })
})
