import { expect, test } from 'vitest'
import { readTsc } from '../../../lib/check/types.ts'

test("tsc's output: places, and what it says further down", () => {
  const output = `roles/a/role.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
playbooks/b.ts(10,1): error TS2345: Argument is not assignable.
  Type 'x' is not assignable to type 'y'.
    They differ.
error TS18003: No inputs were found in config file.
`
  expect(readTsc(output, (path) => path)).toEqual([
    {
      kind: 'types',
      file: 'roles/a/role.ts',
      line: 3,
      column: 7,
      message: "TS2322: Type 'string' is not assignable to type 'number'.",
      hint: undefined,
    },
    {
      kind: 'types',
      file: 'playbooks/b.ts',
      line: 10,
      column: 1,
      message: 'TS2345: Argument is not assignable.',
      hint: "Type 'x' is not assignable to type 'y'.; They differ.",
    },
    {
      kind: 'types',
      file: 'tsconfig.json',
      line: 1,
      column: 1,
      message: 'TS18003: No inputs were found in config file.',
      hint: undefined,
    },
  ])
})
