import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { oweWhenCalled } from '../../../lib/engine/debt.ts'
import { type Change, file } from '../../../lib/resource/index.ts'
import { lines, raw, type Script, sh } from '../../../lib/script/index.ts'
import { look } from '../../lab/converge.ts'
import { me, onThisMachine } from '../../unit/resource/observe.ts'

const machine = onThisMachine()
const conf = () => join(machine.folder, 'conf')
const note = () => join(machine.folder, 'owed')

beforeEach(() => {
  writeFileSync(conf(), 'old')
  rmSync(note(), { force: true })
})

/** Runs a change as the engine does, with a debt that keeps what the file held when it was recorded. */
async function run(change: Change, record: Script = sh`cat ${conf()} >${note()}`): Promise<number> {
  const defined = sh`quayside_owe() { ${record}; }`
  return (await machine.shell.run(lines(defined, raw('set -e'), change.apply))).code
}

async function change(validate: (candidate: string) => Script): Promise<Change> {
  const plan = await look(machine.shell, file(conf(), { content: 'new', ...me, validate }))
  if (plan.kind !== 'change') throw new Error(plan.kind)
  return plan
}

test('a file that its check refuses owes nothing, and stays as it was', async () => {
  const refused = await change((candidate) => sh`grep -q old ${candidate}`)
  expect(refused.owesItself).toBe(true)
  expect(await run(refused)).not.toBe(0)
  expect(existsSync(note())).toBe(false)
  expect(readFileSync(conf(), 'utf8')).toBe('old')
})

test('one that passes is owed for before it takes its place', async () => {
  expect(await run(await change((candidate) => sh`grep -q new ${candidate}`))).toBe(0)
  expect(readFileSync(note(), 'utf8')).toBe('old')
  expect(readFileSync(conf(), 'utf8')).toBe('new')
})

test('where the debt cannot be recorded, the file stays as it was', async () => {
  expect(await run(await change(() => sh`true`), raw('false'))).not.toBe(0)
  expect(readFileSync(conf(), 'utf8')).toBe('old')
})

test('what an earlier change has defined is not called by a later one that owes nothing', async () => {
  const script = lines(sh`quayside_owe() { echo earlier; }`, oweWhenCalled([]), raw('quayside_owe'))
  expect(await machine.shell.run(script)).toMatchObject({ stdout: '', code: 0 })
})
