import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labUp } from '../../../lib/lab/index.ts'
import { stateDir } from '../../../lib/state.ts'
import { onHost } from '../../lab/lab-host.ts'
import { liveRelease } from '../../lab/live.ts'
import { inLab, playbook } from '../../lab/playbook.ts'
import { ask, edgePorts, labCa } from '../../lab/traffic.ts'

/**
 * The commands of docs/disaster-recovery.md, in their order, as words behind the playbook's name. Without the two of step 4
 * that whoever archives the log has instead of one: lab/backup/to-time and soak/backup/timelines have those.
 */
function procedure(): readonly (readonly [string, ...string[]])[] {
  const text = readFileSync(new URL('../../../docs/disaster-recovery.md', import.meta.url), 'utf8')
  const [, steps = ''] = /\n## The procedure\n([\s\S]*?)\n## /.exec(text) ?? []
  return [...steps.matchAll(/npx zx playbooks\/(\S+)\.ts ([^\n`]+)/g)]
    .filter(([, , words = '']) => !/--to-time|--no-databases/.test(words))
    .map(([, name = '', words = '']) => [name, ...words.trim().split(' ')])
}

const sql = (text: string) =>
  onHost(
    'db-1',
    `docker exec -i -u postgres postgres psql -XAtq -v ON_ERROR_STOP=1 -d app <<'end'\n${text}\nend`,
  )
// The password travels as an environment variable of redis-cli, which is what redis-cli takes it from.
const redis = (command: string) =>
  onHost(
    'db-1',
    `docker exec -i redis sh -c 'REDISCLI_AUTH=$(cat) redis-cli ${command}' <<'end'\n${readFileSync(join(stateDir('lab'), 'secrets', 'redis_password'), 'utf8').trim()}\nend`,
  )

test('every host destroyed: from inventory, key and store to a serving site, by the documented commands', async () => {
  const mark = `kept-${Date.now()}`
  await sql(`create table if not exists disaster (mark text); insert into disaster values ('${mark}')`)
  await redis(`set disaster ${mark}`)
  const release = await liveRelease()
  const taken = await inLab('backup')
  expect(taken.code, taken.output).toBe(0)
  const [, id = ''] = /takes backup (\S+) to/.exec(taken.output) ?? []
  await sql("insert into disaster values ('after the backup, and so lost')")

  await labUp({ log: (line) => console.log(`lab: ${line}`), fresh: true })
  expect(await onHost('db-1', 'command -v docker >/dev/null && docker ps -aq || echo nothing')).toBe(
    'nothing\n',
  )

  const began = performance.now()
  const done: string[] = []
  for (const [name, ...words] of procedure()) {
    const args = words.map((word) =>
      word.replace(/^ENV$/, 'lab').replace(/^ID$/, id).replace(/^TAG$/, release),
    )
    const { code, output, ms } = await playbook(name, args, {
      env: { QUAYSIDE_AGE_KEY_FILE: join(stateDir('lab'), 'age.txt') },
    })
    expect(code, `${name} ${args.join(' ')}\n${output}`).toBe(0)
    done.push(name)
    console.log(
      `${((performance.now() - began) / 1000).toFixed(0)} s: ${name}.ts ${args.join(' ')}: ${(ms / 1000).toFixed(1)} s`,
    )
    if (name !== 'deploy') continue
    for (const port of edgePorts) {
      const page = await ask(false, port, 'GET', '/', labCa())
      expect([page.status, page.release]).toEqual([200, release])
    }
    console.log(`RTO: serving after ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  expect(done).toEqual(['backup', 'site', 'restore', 'backup', 'deploy', 'status', 'restore', 'backup'])

  expect((await sql('select mark from disaster order by 1')).trim().split('\n')).toContain(mark)
  expect(await sql("select count(*) from disaster where mark like 'after%'")).toBe('0\n')
  expect((await redis('get disaster')).trim()).toBe(mark)
  const search = JSON.parse((await ask(false, 8441, 'GET', `/api/search?q=${mark}`, labCa())).body)
  expect(search).toMatchObject({ source: 'pgvector' })

  await sql('drop table disaster')
  await redis('del disaster')
})
