import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { replaceContainer } from '../../../lib/resource/container-script.ts'

// A stand-in for docker, of any version: what it was asked to create is what counts here.
const dir = mkdtempSync(join(tmpdir(), 'quayside-docker-'))
afterAll(() => rmSync(dir, { recursive: true }))

function created(api: string, health: Parameters<typeof replaceContainer>[1]['health']): string {
  const [docker, log] = [join(dir, 'docker'), join(dir, 'log')]
  writeFileSync(
    docker,
    `#!/bin/sh\n[ "$1" != version ] || echo ${api}\n[ "$1" != create ] || echo "$*" >${log}\n`,
  )
  chmodSync(docker, 0o755)
  execFileSync('sh', ['-c', replaceContainer('api', { image: 'a', health }).reveal()], {
    env: { PATH: `${dir}:${process.env.PATH}` },
  })
  return [...readFileSync(log, 'utf8').matchAll(/--health-(\S*interval[= ]\S+)/g)]
    .map(([, flag]) => flag)
    .join(' ')
}

const patient = { intervalSeconds: 30, startPeriodSeconds: 60 }

test.each([
  ['1.41', patient, 'interval=10s'],
  ['1.43', { ...patient, intervalSeconds: 5 }, 'interval=5s'],
  ['1.44', patient, 'start-interval=1s interval=30s'],
  ['1.52', patient, 'start-interval=1s interval=30s'],
  ['1.45', { intervalSeconds: 30 }, 'interval=30s'],
  ['1.45', { startPeriodSeconds: 60 }, 'start-interval=1s'],
  ['1.41', { startPeriodSeconds: 60 }, ''],
  ['1.45', 'none' as const, ''],
])('docker of API %s is asked to look after %j by %j', (api, health, flags) => {
  expect(created(api, health)).toBe(flags)
})
