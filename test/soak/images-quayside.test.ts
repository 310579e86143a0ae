import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Encrypter } from 'age-encryption'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lib/command.ts'
import { buildImage } from '../../lib/lab/index.ts'
import { inRegistry } from '../../lib/lab/registry.ts'
import { standInReference } from '../../lib/lab/standins.ts'
import { newKey } from '../../lib/secret/age/crypt.ts'
import { schedules } from '../../stack/kubernetes/schedules.ts'
import { root } from '../argv.ts'
import { there } from '../stack/images/bench.ts'

// Quayside needs a newer Node than the sample app's web: the stand-in for that one, with this machine's own program in it.
const folder = '/var/tmp/quayside-image'
let image = ''
const variables = `backup_store: { directory: /state/backups }
backup_signing_key: { generate: signing_key }
postgres_password: { generate: postgres_password }
postgres_superuser_password: { generate: postgres_superuser_password }
redis_password: { generate: redis_password }
`

const put = (path: string, text: string | Buffer) =>
  run(inRegistry('sh', '-euc', `mkdir -p "$(dirname ${folder}/${path})"; cat > ${folder}/${path}`), {
    input: Readable.from([text]),
  })

beforeAll(async () => {
  const context = mkdtempSync(join(tmpdir(), 'quayside-node-'))
  const log = () => undefined
  try {
    copyFileSync(process.execPath, join(context, 'node'))
    writeFileSync(
      join(context, 'Dockerfile'),
      'ARG BASE\nFROM ${BASE}\nCOPY --chmod=755 node /usr/local/bin/node\n',
    )
    const node = await buildImage({
      context,
      repository: 'test/node',
      tag: 'quayside',
      buildArgs: { BASE: standInReference('node') },
      log,
    })
    const said: string[] = []
    const built = await buildImage({
      context: root,
      dockerfile: 'docker/quayside/Dockerfile',
      repository: 'test/quayside',
      tag: 'dev',
      buildArgs: { NODE_BASE: node.reference, RELEASE: 'v42' },
      log: (line) => said.push(line),
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said.slice(-30).join('\n')}`)
    })
    image = built.reference
  } finally {
    rmSync(context, { recursive: true })
  }
  // Nobody is at that address: these words ask no host.
  const hosts = 'all: { children: { db: { hosts: { db-1: { host: 192.0.2.1 } } } } }\n'
  await put('inventory/made/hosts.yaml', hosts)
  await put('inventory/made/group_vars/db.yaml', variables)
})
afterAll(() => there(`rm -rf ${folder}; docker volume rm -f quayside-image-test >/dev/null`))

/** A playbook in a container as a CronJob has it: no root, no rights, a read-only root filesystem. */
async function playbook(words: string, more = ''): Promise<{ code: number; text: string }> {
  const said = await there(`code=0
docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --pids-limit 200 --memory 512m \\
  -v ${folder}/inventory:/quayside/inventory:ro -v quayside-image-test:/state ${more} ${image} ${words} 2>&1 || code=$?
echo "code $code"`)
  const [, text = '', code = ''] = /^([\s\S]*?)code (\d+)\s*$/.exec(said) ?? []
  return { code: Number(code), text }
}

test('its first word is a playbook, and where it is none it says which there are', async () => {
  for (const words of ['', 'bakcup.ts', '../lib/error.ts']) {
    const { code, text } = await playbook(words)
    expect(code).toBe(2)
    expect(text).toContain('backup.ts\n')
  }
  const help = await playbook('deploy --help')
  expect(help).toMatchObject({ code: 0, text: expect.stringContaining('usage: npx zx playbooks/deploy.ts') })
})

test('it reads an inventory that is mounted, and a store', async () => {
  expect(await playbook('inventory.ts hosts all --env made')).toEqual({ code: 0, text: 'db-1\n' })
  const listed = await playbook('backup.ts list --env made')
  expect(listed.text).toContain('/state/backups has no backup of made')
  expect(listed.code).toBe(0)
  // What was generated is the container's user's alone, and still there for the next.
  const kept = 'stat -c %a%U /state/quayside/made/secrets/redis_password'
  const stat = `docker run --rm -v quayside-image-test:/state --entrypoint sh ${image} -c '${kept}'`
  expect((await there(stat)).trim()).toBe('600quayside')
})

test('keys as Kubernetes mounts them, root’s and readable by the group alone, open what is encrypted', async () => {
  const { identity, recipient } = await newKey()
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  const encrypted = await encrypter.encrypt('redis_password: a-long-password\n')
  await put('inventory/made/secrets.yaml.age', Buffer.from(encrypted))
  await put('inventory/made/group_vars/db.yaml', variables.replace(/redis_password: .*\n/, ''))
  await put('keys/age_key', `${identity}\n`)
  await there(`chown 0:10001 ${folder}/keys/age_key && chmod 440 ${folder}/keys/age_key`)
  const list = (more: string) =>
    playbook('backup.ts list --env made', `-v ${folder}/keys:/run/secrets:ro ${more}`)
  expect((await list('')).text).toContain('QUAYSIDE_AGE_KEY')
  // As stack/kubernetes/schedules.ts has it.
  const { QUAYSIDE_AGE_KEY_COMMAND: command } = schedules.jobs[0]?.service.environment ?? {}
  const opened = await list(`-e "QUAYSIDE_AGE_KEY_COMMAND=${command}"`)
  expect(opened.text).toContain('/state/backups has no backup of made')
  expect(opened.code).toBe(0)
})

test('it runs as nobody in particular, with OpenSSH’s client, and has nobody’s inventory and secrets in it', async () => {
  const inside = (script: string) => there(`docker run --rm --entrypoint sh ${image} -c '${script}'`)
  expect((await inside('id -u; ssh -G somewhere >/dev/null && echo ssh')).trim()).toBe('10001\nssh')
  const names = (await inside('ls -A /quayside /quayside/compose')).split(/\s+/)
  for (const name of ['inventory', 'test', 'docs', 'terraform', 'secrets', '.git'])
    expect(names).not.toContain(name)
  expect(names.filter((name) => name.endsWith('.env'))).toEqual([])
  expect((await inside('find /quayside -perm -o+w ! -type l | head')).trim()).toBe('')
  expect((await inside('ls /quayside/node_modules')).split('\n')).not.toContain('vitest')
  const label = '{{index .Config.Labels "org.opencontainers.image.version"}}'
  expect((await there(`docker inspect -f '${label}' ${image}`)).trim()).toBe('v42')
})
