import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { psql } from '../../../lib/resource/postgres.ts'

// A docker that fails as the real one does now and then: no engine does that when asked to.
const bin = mkdtempSync(join(tmpdir(), 'quayside-docker-'))
const asked = join(bin, 'asked')
const said = 'OCI runtime exec failed: exec failed: unable to start container process: unknown'

beforeAll(() => {
  const docker = join(bin, 'docker')
  writeFileSync(
    docker,
    `#!/bin/sh
cat >>${asked}
fails=$(cat ${bin}/fails)
[ "$fails" = 0 ] || { echo $((fails - 1)) >${bin}/fails; echo '${said}'; exit 126; }
cat ${bin}/answer; exit "$(cat ${bin}/code)"
`,
  )
  chmodSync(docker, 0o755)
})
beforeEach(() => rmSync(asked, { force: true }))
afterAll(() => rmSync(bin, { recursive: true }))

function run(fails: number, answer: string, code = 0) {
  for (const [name, text] of Object.entries({ fails, answer, code }))
    writeFileSync(join(bin, name), `${text}`)
  const { stdout, stderr, status } = spawnSync('sh', ['-s'], {
    input: psql({ container: 'postgres' }, 'app', 'select 1;\n').reveal(),
    env: { PATH: `${bin}:${process.env.PATH}` },
    encoding: 'utf8',
  })
  return { stdout, stderr, status, asked: readFileSync(asked, 'utf8') }
}

test('an exec that the runtime could not start is tried once more, with the same SQL', () => {
  expect(run(1, '{"a": 1}\n')).toEqual({
    stdout: '{"a": 1}\n',
    stderr: '',
    status: 0,
    asked: 'select 1;\nselect 1;\n',
  })
})

test('a second time in a row is a failure, which says what docker said', () => {
  expect(run(2, '')).toMatchObject({ stdout: '', stderr: `${said}\n`, status: 126 })
})

test("the server's own failure is not tried again", () => {
  expect(run(0, 'part\n', 3)).toMatchObject({ stdout: 'part\n', status: 3, asked: 'select 1;\n' })
})
