import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const state = mkdtempSync(join(tmpdir(), 'quayside-state-'))
const eventsSchema = JSON.parse(readFileSync(join(root, 'docs/schemas/events.schema.json'), 'utf8'))
afterAll(() => rmSync(state, { recursive: true, force: true }))

/** `npx zx playbooks/NAME.ts WORDS` as a person types it, without npx. */
function run(words: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, XDG_STATE_HOME: state }
    execFile(join(root, 'zx'), words.split(' '), { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

describe.concurrent('command lines', { timeout: 120_000 }, () => {
  test('inventory.ts list, of an inventory that still is the example', async () => {
    const { code, stdout, stderr } = await run('playbooks/inventory.ts list db --env production')
    expect(stdout).toBe(`host  reached at               groups  roles
db-1  deploy@db-1.example.com  db      docker, firewall, log-collector, postgres-pgvector, redis, backup, schedule, image-scan
`)
    expect(stderr).toContain('a playbook would refuse this inventory:\ninventory/production/')
    expect(code).toBe(0)
  })

  test('inventory.ts explain, with an extra variable', async () => {
    const words = 'playbooks/inventory.ts explain db-1 redis_memory_mb -e lab -x redis_memory_mb=200'
    const { stdout, ...rest } = await run(words)
    expect({ ...rest, stdout: stdout.replace(/\.yaml:\d+/, '.yaml:LINE') }).toEqual({
      code: 0,
      stdout: `redis_memory_mb of db-1 is 200, from --extra-vars
  an integer of at least 32: memory limit of the container
  read by role redis

     default of role redis  512
     group_vars of db       128  inventory/lab/group_vars/db.yaml:LINE
  *  --extra-vars           200
`,
      stderr: '',
    })
  })

  test.each([
    [
      'playbooks/inventory.ts hosts edge:!edge-3 -e lab',
      'error: no group or host is called `edge-3` (in `edge:!edge-3`)\nhint: did you mean `edge-1`?\n',
    ],
    [
      'playbooks/site.ts -e lab --limit edge:&db --list-hosts',
      'error: --limit edge:&db matches no host\nhint: each part of it does, but no host is in what is left\n',
    ],
    [
      'playbooks/site.ts -e lab -x redis_prot=1 --list-hosts',
      'error: --extra-vars: unknown variable `redis_prot`\n    did you mean `redis_port`?\n',
    ],
  ])('%s', async (words, stderr) => {
    expect(await run(words)).toEqual({ code: 2, stdout: '', stderr })
  })

  test('--limit with --list-hosts touches none but says which', async () => {
    const { code, stdout } = await run('playbooks/site.ts -e lab --limit edge[1]:db --list-hosts')
    expect(code).toBe(0)
    expect(stdout).toContain('edge-2')
    expect(stdout).toContain('db-1')
    expect(stdout).not.toMatch(/edge-1|app-1/)
  })

  test.each([
    ['--list-hosts', 'hosts', { hosts: 'db', roles: ['postgres-pgvector', 'redis'], on: ['db-1'] }],
    ['--list-tags', 'tags', undefined],
  ])('%s with --json is one event, as the schema has it', async (flag, of, play) => {
    const { code, stdout, stderr } = await run(`playbooks/site.ts -e lab ${flag} --json`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const event = JSON.parse(stdout)
    expect(event).toMatchObject({ v: 1, type: 'result', of })
    const validate = new Ajv2020().addSchema(eventsSchema).compile({
      $ref: `urn:quayside:events:1#/$defs/result-${of}`,
    })
    expect(validate(event.data), JSON.stringify(validate.errors)).toBe(true)
    if (play === undefined) expect(event.data.tags).toContain('redis')
    else expect(event.data.plays).toContainEqual(play)
  })
})
