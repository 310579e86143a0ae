import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { paths as collector } from '../../roles/log-collector/paths.ts'
import { journal, namespace, paths as store } from '../../roles/log-store/paths.ts'
import { onHost } from '../lab/lab-host.ts'
import { inLab } from '../lab/playbook.ts'
import { askPage } from '../lab/traced-page.ts'

const folder = '/var/log/quayside-store'
const inJournal = ['-x', 'log_store_keeps=journal', '-x', 'log_store_mb=64']
const journalctl = `journalctl --namespace=${namespace} -q`

afterAll(async () => {
  await onHost('app-2', 'docker rm -f flood >/dev/null 2>&1 || :')
  await onHost('db-1', `rm -rf ${folder}/app-2/flood; systemctl kill -s HUP ${store.unit} || :`)
})

async function become(...flags: readonly string[]): Promise<void> {
  const { code, output } = await inLab('site', ['--limit', 'db-1', '--tags', 'log-store', ...flags])
  expect(code, output).toBe(0)
}

/** A container on app-2 that says what a shell's words print; they hold no single quote. */
async function flood(words: string): Promise<void> {
  await onHost(
    'app-2',
    `docker rm -f flood >/dev/null 2>&1 || :
image=$(docker ps -q --filter name=api- | head -n 1 | xargs docker inspect -f '{{.Image}}')
docker run -d --name flood --log-opt 'tag={{.Name}}' --log-opt max-size=100m --log-opt max-file=2 --entrypoint sh $image -c '${words}'`,
  )
}

/** Asks until an answer is as wanted, or for so many seconds; the last answer. */
async function until(seconds: number, ask: () => Promise<number>, wanted: number): Promise<number> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(2000)) {
    const is = await ask()
    if (is >= wanted || Date.now() > end) return is
  }
}

test('a collector that is killed while the store is away loses no line', async () => {
  const word = randomUUID()
  const distinct = async () =>
    Number(
      await onHost('db-1', `cat ${folder}/app-2/flood/*.jsonl 2>/dev/null | grep ${word} | sort -u | wc -l`),
    )
  await onHost('db-1', `systemctl stop ${store.unit}`)
  try {
    await flood(`i=0; while [ $i -lt 20000 ]; do echo "line $i ${word}"; i=$((i+1)); done`)
    for (const _ of [1, 2]) {
      await sleep(1500)
      await onHost('app-2', `systemctl kill -s KILL ${collector.unit}`)
    }
  } finally {
    await onHost('db-1', `systemctl start ${store.unit}`)
  }
  expect(await until(240, distinct, 20_000)).toBe(20_000)
})

test('in a journal: found by logs.ts and by field; it keeps to its size and its age; and files again after it', async () => {
  await become(...inJournal)
  try {
    const id = `journal-test-${randomUUID()}`
    expect(await askPage('/?q=harbour', id)).toBe(200)
    const services = () =>
      onHost('db-1', `${journalctl} REQUEST_ID=${id} -o cat --output-fields=SERVICE | sort -u | wc -l`).then(
        Number,
      )
    expect(await until(30, services, 3)).toBe(3)
    const asked = ['--from', 'store', '--request', id, '--json', ...inJournal]
    const { code, stdout, output } = await inLab('logs', asked)
    expect(code, output).toBe(0)
    for (const service of ['nginx', 'web', 'api']) expect(stdout).toContain(`"service":"${service}"`)
    expect(await onHost('db-1', `${journalctl} REQUEST_ID=${id} SERVICE=api -o cat`)).toMatch(/GET \/api/)

    // Far more than 64 MB, of what cannot be packed; the first of it is then gone.
    await flood('head -c 45000000 /dev/urandom | base64 -w 3000 | cat -n; echo the last of it')
    const last = () =>
      onHost('db-1', `${journalctl} SERVICE=flood -n 1 -o cat | grep -c "the last of it"; :`).then(Number)
    expect(await until(900, last, 1)).toBe(1)
    const usage = await onHost('db-1', `du -sm /var/log/journal/*.${namespace} | cut -f1`)
    expect(Number(usage)).toBeLessThanOrEqual(64)
    expect(await onHost('db-1', `${journalctl} SERVICE=flood -o cat | head -n 1`)).not.toMatch(/^ *1\t/)

    // A day cannot be waited for: the role's own setting, made a second, lets journald forget all that it has.
    const config = await onHost('db-1', `cat ${journal.config}`)
    expect(config).toMatch(/^MaxRetentionSec=3day$/m)
    await onHost('app-2', 'docker rm -f flood')
    await onHost(
      'db-1',
      `sed -i s/^MaxRetentionSec=.*/MaxRetentionSec=1s/ ${journal.config}
systemctl restart ${journal.unit} && sleep 2 && ${journalctl} --rotate && sleep 2`,
    )
    expect(Number(await onHost('db-1', `${journalctl} SERVICE=flood | wc -l`))).toBe(0)
  } finally {
    await become()
  }
  const id = `files-test-${randomUUID()}`
  expect(await askPage('/', id)).toBe(200)
  const inFiles = () =>
    onHost('db-1', `cat ${folder}/*/*/*.jsonl | grep -c '"request_id":"${id}"'; :`).then(Number)
  expect(await until(20, inFiles, 1)).toBeGreaterThanOrEqual(1)
})
