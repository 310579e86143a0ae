import { expect, test } from 'vitest'
import { type Finding, type Kind, told } from '../../../lib/check/finding.ts'
import { withoutIgnored } from '../../../lib/check/ignore.ts'

const at = (line: number, kind: Kind = 'unpinned-image'): Finding => ({
  kind,
  file: 'roles/a.ts',
  line,
  column: 1,
  message: 'found',
  hint: undefined,
})
const left = (text: string, findings: readonly Finding[], whole = true) =>
  withoutIgnored(findings, [{ path: 'roles/a.ts', shown: 'roles/a.ts', text }], whole).map((each) =>
    told(each).replaceAll(/\n +/g, ' | '),
  )

test.each([
  ['on its line', "image('x') // check: ignore unpinned-image — why\n", 1],
  ['alone above it', '// check: ignore unpinned-image — why\nx\n', 2],
  [
    'with others above it',
    '# check: ignore unpinned-image: why\n# check: ignore plain-secret - because\nx\n',
    3,
  ],
])('a finding is ignored by a comment %s', (_, text, line) => {
  const both = [at(line), ...(text.includes('plain-secret') ? [at(line, 'plain-secret')] : [])]
  expect(left(text, both)).toEqual([])
})

test.each([
  [
    'another line',
    '// check: ignore unpinned-image — why\nx\n',
    [at(3)],
    'there is no `unpinned-image` here',
  ],
  ['another kind', '// check: ignore unknown-tag — why\nx\n', [at(2)], 'there is no `unknown-tag` here'],
  ['no reason', '// check: ignore unpinned-image\nx\n', [at(2)], 'say why'],
  ['a dash and no reason', '// check: ignore unpinned-image —\nx\n', [at(2)], 'say why'],
  ['types', '// check: ignore types — later\nx\n', [at(2, 'types')], '`types` cannot be ignored'],
])('nothing is by %s', (_, text, findings, complaint) => {
  const all = left(text, findings)
  expect(all.length).toBe(2)
  expect(all.join('\n')).toContain('found')
  expect(all.join('\n')).toContain(complaint)
})

test('where a part was left out, a comment may be about that', () => {
  expect(left('// check: ignore unpinned-image — why\nx\n', [], false)).toEqual([])
})
