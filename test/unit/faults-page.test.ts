import { expect, test } from 'vitest'
import { withRows } from '../soak/faults-page.ts'

const page = `# Faults

Before.

## One

Words.

| what | code |
| --- | --: |
| a | 1 |
| b | 2 |

## Two

| what | says |
| --- | --- |
| a | one \\| two |
`

test('a row takes the place of the one that is about the same; other rows and sections stay', () => {
  expect(
    withRows(
      page,
      'One',
      ['b', 'c', 'a'],
      [
        ['a', '9'],
        ['c', '3'],
      ],
    ),
  ).toBe(page.replace('| a | 1 |\n| b | 2 |\n', '| b | 2 |\n| c | 3 |\n| a | 9 |\n'))
})

test('rows that nobody does any more go', () => {
  expect(withRows(page, 'One', ['b'], [])).toBe(page.replace('| a | 1 |\n', ''))
})

test('a bar within a cell stays one, $& and all', () => {
  expect(withRows(page, 'Two', ['a'], [])).toBe(page)
  expect(withRows(page, 'Two', ['a'], [['a', "$& | $'"]])).toBe(
    page.replace('one \\| two', () => "$& \\| $'"),
  )
})

test('a section that is not there is an error', () => {
  expect(() => withRows(page, 'Three', [], [])).toThrow('no section "Three"')
})
