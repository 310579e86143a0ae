import { execFileSync } from 'node:child_process'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { archive } from '../../../lib/resource/index.ts'
import { converge } from '../../lab/converge.ts'
import { me, onThisMachine } from './observe.ts'

const machine = onThisMachine()

test('what a run that died behind the swap left is cleared, and nothing else is done', async () => {
  const { folder, shell } = machine
  const from = { path: `${folder}/left.tar` }
  await mkdir(`${folder}/in-left`)
  await writeFile(`${folder}/in-left/a`, 'a')
  execFileSync('tar', ['-cf', from.path, '-C', `${folder}/in-left`, 'a'])
  const wish = archive(`${folder}/left`, { from, ...me })
  await converge(shell, wish)
  const before = await stat(`${folder}/left`)
  for (const name of ['.left.quayside', '.left.quayside-old']) {
    await mkdir(`${folder}/${name}`)
    await writeFile(`${folder}/${name}/old`, 'old')
  }
  expect((await converge(shell, wish)).summary).toBe('clear what a run that was cut off left')
  expect((await readdir(folder)).filter((name) => name.startsWith('.left'))).toEqual([])
  expect((await stat(`${folder}/left`)).ino).toBe(before.ino)
})
