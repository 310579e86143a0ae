import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { piped, type Script, sh } from '../../../lib/script/index.ts'

const run = (script: Script, input = '') => {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script.reveal()], { input, encoding: 'utf8' })
  return { stdout, stderr, status }
}

test('what went in comes out through all of them', () => {
  expect(run(piped(sh`cat; echo more`, sh`tr a-z A-Z`, sh`sed ${'s/^/> /'}`), 'one\n')).toEqual({
    stdout: '> ONE\n> MORE\n',
    stderr: '',
    status: 0,
  })
})

test.each([
  ['the first', [sh`echo half; exit 3`, sh`cat`, sh`cat`], 3, 'part 1 of 3 in the pipe ended with 3\n'],
  ['one in the middle', [sh`echo x`, sh`cat; exit 4`, sh`cat`], 4, 'part 2 of 3 in the pipe ended with 4\n'],
  ['the last', [sh`echo x`, sh`cat; false`], 1, 'part 2 of 2 in the pipe ended with 1\n'],
  [
    'one that cuts off those before it',
    [sh`yes`, sh`head -n 1; exit 5`],
    5,
    'part 2 of 2 in the pipe ended with 5\n',
  ],
])('%s fails: so does all of it', (_which, commands, status, stderr) => {
  expect(run(piped(...commands))).toMatchObject({ status, stderr: expect.stringContaining(stderr) })
})

test('those that were cut off are told only where nobody else failed', () => {
  const cut = run(piped(sh`yes`, sh`yes`, sh`echo why >&2; exit 5`))
  expect(cut).toMatchObject({ status: 5, stderr: 'why\npart 3 of 3 in the pipe ended with 5\n' })
  const alone = run(piped(sh`sh -c 'kill -PIPE $$'`, sh`cat`))
  expect(alone).toMatchObject({
    status: 141,
    stderr: expect.stringContaining('part 1 of 2 in the pipe ended with 141\n'),
  })
})

test('one that is killed has failed, though it could not say so', () => {
  const { status } = run(piped(sh`echo x`, sh`cat; sh -c 'kill -9 $PPID'; sleep 1`))
  expect(status).toBe(137)
})

test('no command sees the descriptors that carry the codes', () => {
  const open = sh`ls /proc/self/fd`
  const alone = execFileSync('sh', ['-c', open.reveal()], { encoding: 'utf8' })
  expect(run(piped(sh`:`, open)).stdout.split('\n').length).toBeLessThanOrEqual(alone.split('\n').length)
})
