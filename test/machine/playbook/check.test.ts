import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCommand, checkFlags } from '../../../lib/playbook/check-command.ts'
import { parseFlags } from '../../../lib/playbook/flags.ts'
import { commandLine, type Said } from '../../command-line.ts'
import { put } from '../../project-copy.ts'
import { armored } from '../../unit/secret/age-files.ts'

// A project with one role and every kind of fault in it. Secrets are put together here, so that none stands in a file.
const hidden = {
  password: 'hunter2-swordfish',
  aws: `AKIA${'Q3WZ7PLM2XKD9RTB'}`,
  token: 'q7Wf2KpX9bL4mZ8vT1nR6sYd3Hc',
}
const own = fileURLToPath(new URL('../../..', import.meta.url))
let root: string

const role = `import { role } from '../../lib/engine/role.ts'
import { file, tagged } from '../../lib/resource/index.ts'
import { cacheVars } from './schema.ts'

export const cache = role({
  name: 'cache',
  about: 'A cache',
  vars: cacheVars,
  tags: ['config', 'idle'],
  resources: ({ vars }) => [
    ...tagged('config', file('/etc/cache', { content: \`\${vars.cache_port}\\n\` })),
    ...tagged('confg', file('/etc/cache-2', { content: 'x\\n' })),
  ],
})
`

const files = {
  'package.json': '{ "type": "module" }\n',
  'tsconfig.json': `{ "extends": "${own}/tsconfig.json", "include": ["roles", "playbooks"] }\n`,
  'roles/stack.ts': `import type { Play } from '../lib/engine/play.ts'
import { cache } from './cache/role.ts'

export const everyPlay: readonly Play[] = [{ hosts: 'db', roles: [cache] }]
`,
  'roles/cache/role.ts': role,
  'roles/cache/schema.ts': `import { secret } from '../../lib/inventory/schema.ts'

export const cacheVars = {
  type: 'object',
  additionalProperties: false,
  required: ['cache_password'],
  properties: {
    cache_image: { type: 'string', default: 'redis' },
    cache_port: { type: 'integer', default: 6379 },
    cache_password: secret,
  },
} as const
`,
  'playbooks/broken.ts': `export const port: number = 'x'
// npx zx playbooks/broken.ts --tags nobody: a comment is not run
export const again = 'site.ts --tags cofnig,cache,TAG'
export const image = 'unlike'
export const sidecar = { image: 'busybox' }
`,
  'inventory/acme/hosts.yaml': `all:
  children:
    db:
      hosts:
        db-1: { host: 10.0.0.31 }
    web:
      hosts:
        web-1: { host: 10.0.0.41 }
`,
  'inventory/acme/group_vars/all.yaml': `# what holds for all
user: deploy
cache_port: 6380
cache_prot: 6381
`,
  'inventory/acme/group_vars/db.yaml': `cache_port: 6382
cache_password: ${hidden.password}
# check: ignore unpinned-image — a throwaway
cache_image: redis:alpine
`,
  'inventory/acme/group_vars/web.yaml': `cache_image: redis:latest
# check: ignore unused-variable
# check: ignore unpined-image — misspelt
# check: ignore plain-secret — nothing here
`,
  'inventory/acme/group_vars/db.yaml.age': armored,
  'inventory/new/hosts.yaml': `db:
  hosts:
    db-9: { host: db.example.com }
`,
  'inventory/empty/notes.txt': '',
  'docker/Dockerfile': `ARG BASE=node
ARG GIVEN
FROM \${BASE} AS build
ENV API_TOKEN=${hidden.password}
FROM \${GIVEN}
COPY --from=build /x /x
COPY --from=busybox:1.36 /x /x
`,
  'docker/deploy.key': `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\n`,
  'docker/credentials': `id = ${hidden.aws}\nvalue = ${hidden.token}\n`,
  'docs/ops.md': 'Run --tags nothing by hand: `site.ts --tags idle` or `--tags ilde`.\n',
  'inventory/new/secrets.yaml.age': 'cache_password: plain\n',
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'quayside-check-')))
  for (const name of ['lib', 'node_modules']) symlinkSync(join(own, name), join(root, name))
  put(root, files)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The command line in the project with the faults, in this process; paths are told from here, and shown from there. */
async function check(words: string): Promise<Said> {
  const lines: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] }
  const args = parseFlags(words.split(' ').filter(Boolean), checkFlags)
  const project = {
    root,
    plays: async () => (await import(join(root, 'roles/stack.ts'))).everyPlay,
    print: (line: string) => lines.stdout.push(line),
    printError: (line: string) => lines.stderr.push(line),
  }
  const code = await checkCommand(project, args)
  const text = (of: readonly string[]) => of.map((line) => `${line.replaceAll(`${root}/`, '')}\n`).join('')
  return { code, stdout: text(lines.stdout), stderr: text(lines.stderr) }
}

/** Times differ; the rest is as a person saw it. */
const still = (text: string) => text.replaceAll(/\d+\.\d+s/g, 'N s')

test('every kind of fault, with its place and what to write instead', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await check('')
  expect(stderr).toBe('')
  expect(still(stdout)).toMatchInlineSnapshot(`
    "docker/Dockerfile:1:10: \`node\` has no tag: that means latest, whatever it is that day  [unpinned-image]
        name a version, \`redis:7.0-alpine\`, or a digest, \`redis@sha256:…\`
    docker/Dockerfile:4:15: \`API_TOKEN\` has its value here in plain text  [plain-secret]
        change it, then take the new one from a variable of the inventory that is secret: docs/secrets.md
    docker/Dockerfile:5:1: no USER is said: processes run as whoever the base image says, which is root in most  [DL3002]
        USER 10001:10001, a number that no host knows
    docker/Dockerfile:5:1: there is no HEALTHCHECK: nothing can wait until this serves, or notice that it no longer does  [DL3057]
        HEALTHCHECK CMD ["…"], or HEALTHCHECK NONE where it serves nobody
    docker/credentials:1:6: a cloud's access key stands here in plain text  [plain-secret]
        change it, then take the new one from a variable of the inventory that is secret: docs/secrets.md
    docker/credentials:2:9: a text that looks like a key or a token stands here  [plain-secret]
        change it, then take the new one from a variable of the inventory that is secret: docs/secrets.md
    docker/deploy.key:1:1: a private key stands here in plain text  [plain-secret]
        change it, then take the new one from a variable of the inventory that is secret: docs/secrets.md
    docs/ops.md:1:62: nothing has the tag \`ilde\`  [unknown-tag]
        did you mean \`idle\`?
    inventory/acme/group_vars/all.yaml:3:1: \`cache_port\` is never used: db-1 takes it from inventory/acme/group_vars/db.yaml:1  [shadowed-variable]
        delete it here, or there
    inventory/acme/group_vars/all.yaml:4:1: unknown variable \`cache_prot\`  [inventory]
        did you mean \`cache_port\`?
    inventory/acme/group_vars/db.yaml:2:17: \`cache_password\`: a secret is given by its source, never by its value  [plain-secret]
        for example { from_env: NAME }, { from_file: path } or { generate: name }
    inventory/acme/group_vars/web.yaml:1:1: no role of web-1 reads \`cache_image\`  [unused-variable]
        role cache does, on db-1: give it to db, or delete it
    inventory/acme/group_vars/web.yaml:1:14: the tag \`latest\` of \`redis:latest\` moves: it names no version  [unpinned-image]
        name a version, \`redis:7.0-alpine\`, or a digest, \`redis@sha256:…\`
    inventory/acme/group_vars/web.yaml:2:1: say why  [ignore]
        check: ignore unused-variable — the reason
    inventory/acme/group_vars/web.yaml:3:1: there is no finding \`unpined-image\`  [ignore]
        did you mean \`unpinned-image\`?
    inventory/acme/group_vars/web.yaml:4:1: there is no \`plain-secret\` here to ignore  [ignore]
        delete the comment
    inventory/empty/hosts.yaml:1:1: this file does not exist: the folder is no environment  [inventory]
        npx zx playbooks/new.ts env NAME makes an environment to start from
    inventory/new/secrets.yaml.age:1:1: this file is not encrypted, whatever its name says  [plain-secret]
        change what stood in it, name it secrets.yaml and encrypt it: npx zx playbooks/secrets.ts encrypt inventory/new/secrets.yaml --env new
    playbooks/broken.ts:1:14: TS2322: Type 'string' is not assignable to type 'number'.  [types]
    playbooks/broken.ts:3:38: nothing has the tag \`cofnig\`  [unknown-tag]
        did you mean \`config\`?
    playbooks/broken.ts:5:34: \`busybox\` has no tag: that means latest, whatever it is that day  [unpinned-image]
        name a version, \`redis:7.0-alpine\`, or a digest, \`redis@sha256:…\`
    roles/cache/role.ts:9:20: no resource of the role has its tag \`idle\`  [unknown-tag]
        give it to some: tagged('idle', …)
    roles/cache/role.ts:12:15: --tags would refuse \`confg\`: the role does not declare it  [unknown-tag]
        did you mean \`config\`?
    roles/cache/schema.ts:8:5: \`redis\` has no tag: that means latest, whatever it is that day  [unpinned-image]
        name a version, \`redis:7.0-alpine\`, or a digest, \`redis@sha256:…\`
    note: inventory/acme has an encrypted file, not opened here: npx zx playbooks/secrets.ts check --env acme does
    note: inventory/new still has the example's names in one place: a playbook would refuse it for them
    24 findings in 2 inventories and 15 files
    N s: inventories N s, variables N s, tags N s, images N s, dockerfiles N s, secrets N s, types N s
    "
  `)
  expect(code).toBe(1)
  for (const secret of Object.values(hidden)) expect(stdout).not.toContain(secret)
})

test('--json: a finding a line, the rest to standard error', async () => {
  const { code, stdout, stderr } = await check('--json --skip types,secrets')
  const findings: unknown[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(findings).toContainEqual({
    kind: 'shadowed-variable',
    file: 'inventory/acme/group_vars/all.yaml',
    line: 3,
    column: 1,
    message: '`cache_port` is never used: db-1 takes it from inventory/acme/group_vars/db.yaml:1',
    hint: 'delete it here, or there',
  })
  expect(stderr).toContain('note: inventory/new')
  expect(stdout).not.toMatch(/"types"|\d s:/)
  expect(code).toBe(1)
})

test('--env looks at that inventory alone', async () => {
  const { stdout } = await check('--env new --skip types,images,secrets,tags')
  expect(stdout).toContain('inventory/new/secrets.yaml.age:1:1')
  expect(stdout).not.toContain('inventory/acme')
})

test.each([
  ['--env acne', 'there is no environment `acne`', 'did you mean `acme`?'],
  ['--skip typos', '--skip: there is no part "typos"', 'did you mean `types`?'],
  ['acme', 'what is "acme"?', 'check.ts takes flags alone; see --help'],
])('%s is refused', async (words, message, hint) => {
  await expect(check(`--skip types ${words}`)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  })
})

test('this project has no findings; its types are another command of CI', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await commandLine('playbooks/check.ts --skip types')
  expect(stdout, stderr).toMatch(
    /^(note: .*\n)*no findings in \d+ inventories and \d+ files\n\d+\.\d+s: invent/,
  )
  expect(code).toBe(0)
})
