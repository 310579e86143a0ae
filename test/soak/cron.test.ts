import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConnection } from '../../lib/connection/index.ts'
import { storeKeys } from '../../lib/lab/object-store.ts'
import { hosts, publishedPort } from '../../lib/lab/topology.ts'
import { raw } from '../../lib/script/index.ts'
import { stateDir } from '../../lib/state.ts'
import { labTarget, onHost } from '../lab/lab-host.ts'
import { playbook } from '../lab/playbook.ts'

// The lab's environment under another name, as a control host inside of its network sees it: by its own addresses.
const env = 'cronlab'
const control = 'edge-2'
const root = fileURLToPath(new URL('../..', import.meta.url))
const project = '/srv/quayside-cron'
const metrics = `${project}/metrics`
const scratch = mkdtempSync(join(tmpdir(), 'quayside-cron-'))
const inventory = join(scratch, env)
const state = stateDir(env)

beforeAll(async () => {
  cpSync(stateDir('lab'), state, {
    recursive: true,
    filter: (from) => !/bootstrap|facts|dockerd|engine/.test(from.slice(stateDir('lab').length)),
  })
  cpSync(join(root, 'inventory/lab'), inventory, { recursive: true })
  const byPort = readFileSync(join(state, 'known_hosts'), 'utf8')
  const known = hosts.reduce(
    (text, host) => text.replaceAll(`[127.0.0.1]:${publishedPort(host, 22)}`, host.address),
    byPort,
  )
  writeFileSync(join(state, 'known_hosts'), known)
  const reached = hosts.reduce(
    (text, host) =>
      text.replace(`host: 127.0.0.1, port: ${publishedPort(host, 22)}`, `host: ${host.address}`),
    readFileSync(join(inventory, 'hosts.yaml'), 'utf8'),
  )
  writeFileSync(join(inventory, 'hosts.yaml'), reached)
  const all = join(inventory, 'group_vars/all.yaml')
  writeFileSync(
    all,
    `${readFileSync(all, 'utf8').replaceAll('endpoint: http://127.0.0.1:5078', 'endpoint: http://store.lab:9000')}
schedule_host: ${control}
schedule_by: cron
schedule_project: ${project}
schedule_metrics_dir: ${metrics}
schedule_jobs:
  backup: { every_minutes: 2, jitter_minutes: 0 }
  drill: { every_minutes: 3, jitter_minutes: 0, args: [newest] }
`,
  )
  await storeKeys()
  await onHost(
    control,
    'DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends nodejs cron >/dev/null 2>&1',
  )
  const left = [
    '.git',
    './node_modules/.cache',
    './node_modules/typescript',
    './node_modules/@typescript',
    './node_modules/@biomejs',
    './node_modules/playwright-core',
  ]
  await unpack(
    root,
    left.map((each) => `--exclude=${each}`),
    project,
  )
  // Elsewhere than where an environment's own is: the jobs have to be told.
  await unpack(inventory, [], inventory)
  await unpack(state, [], `/root/.local/state/quayside/${env}`)
})

afterAll(async () => {
  await schedule('remove')
  await onHost(control, `rm -rf ${project} ${scratch} /root/.local/state/quayside`)
  for (const folder of [scratch, state]) rmSync(folder, { recursive: true })
})

/** A folder of this machine, to a host of the lab. */
async function unpack(from: string, words: readonly string[], to: string): Promise<void> {
  const connection = await openConnection(labTarget(control))
  const running = await connection.start(raw(`umask 077; mkdir -p ${to}; tar -x --no-same-owner -C ${to}`), {
    title: 'unpack',
  })
  running.stdout.resume()
  const tar = spawn('tar', ['-C', from, ...words, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] })
  tar.stdout.pipe(running.stdin)
  const { code, stderr } = await running.ended
  await connection.close()
  expect(code, stderr).toBe(0)
}

const schedule = (action: string) => playbook('schedule', [action, '--env', env, '--inventory', inventory])

test('cron takes a backup and drills it, on a host of its own, and both are measured', async () => {
  const { code, output } = await schedule('install')
  expect(code, output).toBe(0)
  const seen = async () => await onHost(control, `cat ${metrics}/*.prom 2>/dev/null || :`)
  for (let tries = 0; tries < 100 && !/drill_last_passed\S* 1/.test(await seen()); tries += 1)
    await sleep(5000)
  const figures = await seen()
  const log = await onHost(control, `tail -n 60 /var/log/quayside/${env}-*.log`)
  console.log(`${log}\n${figures}`)
  expect(figures).toMatch(/^quayside_backup_last_timestamp_seconds\{env="cronlab"\} 1[\d.]+/m)
  expect(figures).toMatch(/^quayside_backup_verified_timestamp_seconds\{env="cronlab"\} 1[\d.]+/m)
  expect(figures).toMatch(/^quayside_drill_last_passed\{env="cronlab"\} 1$/m)
  expect(figures).toMatch(/^quayside_job_exit_code\{env="cronlab",job="backup"\} 0$/m)
  expect(figures).toMatch(/^quayside_job_exit_code\{env="cronlab",job="drill"\} 0$/m)
  const list = await schedule('list')
  expect(list.output).toMatch(/backup +cron +every 2 min .*well/)
  expect(log).not.toMatch(/AGE-SECRET-KEY/)
})
