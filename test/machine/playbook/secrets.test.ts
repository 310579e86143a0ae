import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { argvOf, root } from '../../argv.ts'

let home = ''
let dir = ''
const alice = await newKey()
const bob = await newKey()

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'quayside-secrets-'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))
beforeEach(() => {
  dir = mkdtempSync(join(home, 'inventory-'))
  put('hosts.yaml', 'db: { hosts: { db-1: } }\n')
  put('recipients.txt', `# alice\n${alice.recipient}\n${bob.recipient} # bob\n`)
})

function put(name: string, text: string, mode = 0o644): string {
  const path = join(dir, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs secrets.ts as a person does, without zx: the words, an editor, standard input; ended after `interruptAfter`. */
function secrets(
  words: string,
  options: {
    editor?: string
    input?: string
    key?: string
    env?: NodeJS.ProcessEnv
    until?: () => boolean
  } = {},
): Promise<Said> {
  const bare = words.startsWith('keygen')
  const where = bare ? [] : ['--env', 'lab', '--inventory', dir]
  const [node, ...argv] = argvOf('playbooks/secrets.ts', ...words.split(' '), ...where)
  const child = spawn(node, argv, {
    cwd: root,
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      XDG_CONFIG_HOME: join(home, 'config'),
      VISUAL: undefined,
      EDITOR: options.editor ?? 'false',
      QUAYSIDE_AGE_KEY: options.key ?? alice.identity,
      ...options.env,
    },
  })
  child.stdin.end(options.input ?? '')
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const timer = setInterval(() => {
    if (options.until?.()) child.kill('SIGINT')
  }, 50)
  const clean = (text: string) => text.replaceAll(`${dir}/`, '').replaceAll(dir, 'DIR').replaceAll(home, '~')
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer)
      resolve({ code, stdout: clean(stdout), stderr: clean(stderr) })
    })
  })
}

/** An editor that does this to its file, and notes where that was. */
function editor(does: string): string {
  const path = join(home, 'editor.sh')
  writeFileSync(path, `#!/bin/sh\nstat -c '%a %n' "$1" "\${1%/*}" > '${home}/seen'\n${does}\n`, {
    mode: 0o755,
  })
  return path
}
/** Where the last editor's file was: its mode, its folder's mode, and whether the folder is gone. */
function seen(): { modes: string[]; gone: boolean; folder: string } {
  const lines = readFileSync(join(home, 'seen'), 'utf8').trim().split('\n')
  const folder = lines[1]?.split(' ')[1] ?? ''
  return { modes: lines.map((line) => line.split(' ')[0] ?? ''), gone: !existsSync(folder), folder }
}
const both = `encrypted to ${alice.recipient.slice(0, 14)}…${alice.recipient.slice(-4)} (alice), ${bob.recipient.slice(0, 14)}…${bob.recipient.slice(-4)} (bob)`

test('keygen, edit, show: from nothing to a secret that only recipients read', async () => {
  const made = await secrets('keygen')
  expect(made.code).toBe(0)
  expect(made.stdout).toMatch(
    /^private key: ~\/config\/quayside\/age.txt \(keep a copy .*\npublic key, .*\n# .*@.*\nage1[a-z0-9]{58}\n$/,
  )
  expect(statSync(join(home, 'config/quayside/age.txt')).mode & 0o777).toBe(0o600)
  expect(await secrets('keygen')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is there already'),
  })

  const adding = editor(`printf 'redis_password: hunter2-swordfish\\npem: |\\n  one\\n  two\\n' >> "$1"`)
  expect(await secrets('edit', { editor: adding })).toEqual({
    code: 0,
    stdout: `secrets.yaml.age: ${both}\n`,
    stderr: '',
  })
  // The file and its folder are the person's alone, in memory, and gone afterwards.
  expect(seen()).toMatchObject({ modes: ['600', '700'], gone: true })
  if (process.platform === 'linux') expect(seen().folder).toMatch(/^\/dev\/shm\/|^\/run\//)
  const sealed = readFileSync(join(dir, 'secrets.yaml.age'), 'utf8')
  expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)

  expect((await secrets('show')).stdout).toBe('secrets.yaml.age\n  redis_password\n  pem\n')
  expect((await secrets('show redis_password', { key: bob.identity })).stdout).toBe('hunter2-swordfish\n')
  expect((await secrets('show pem')).stdout).toBe('one\ntwo\n')
  expect((await secrets('show --reveal')).stdout).toContain('redis_password: hunter2-swordfish\n')
  expect(await secrets('show redis_pasword')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean `redis_password`?'),
  })

  // Opened and left alone: not one byte is written.
  expect((await secrets('edit', { editor: editor('') })).stdout).toBe('secrets.yaml.age is unchanged\n')
  expect(readFileSync(join(dir, 'secrets.yaml.age'), 'utf8')).toBe(sealed)
}, 120_000)

test('whatever goes wrong while editing, the file stays as it was and the plain text is gone', async () => {
  const path = join(dir, 'group_vars/db.yaml.age')
  const make = editor(`echo 'token: hunter2-swordfish' > "$1"`)
  expect((await secrets('edit group_vars/db.yaml.age', { editor: make })).code).toBe(0)
  const sealed = readFileSync(path, 'utf8')

  const failing = await secrets('edit group_vars/db.yaml.age', { editor: editor('echo x >> "$1"; exit 3') })
  expect(failing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ended with 3: nothing was changed'),
  })
  expect(seen().gone).toBe(true)

  const mistaken = await secrets('edit group_vars/db.yaml.age', {
    editor: editor(`echo 'token: "hunter2' > "$1"`),
  })
  expect(mistaken).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('group_vars/db.yaml.age:2:1: YAML: something is missing here'),
  })
  expect(mistaken.stderr).not.toContain('hunter2')
  expect(seen().gone).toBe(true)

  rmSync(join(home, 'seen'))
  const interrupted = await secrets('edit group_vars/db.yaml.age', {
    editor: editor('echo x >> "$1"; exec sleep 8'),
    until: () => existsSync(join(home, 'seen')),
  })
  expect(interrupted.code).toBe(130)
  expect(seen().gone).toBe(true)

  const meanwhile = await secrets('edit group_vars/db.yaml.age', {
    editor: editor(`echo 'token: mine' > "$1"; echo changed > '${path}'`),
  })
  expect(meanwhile.stderr).toContain('was changed by somebody else meanwhile')
  expect(readFileSync(path, 'utf8')).toBe('changed\n')
  expect(readdirSync(join(dir, 'group_vars'))).toEqual(['db.yaml.age', 'db.yaml.age.mine~'])
  expect(sealed).not.toContain('hunter2')
}, 120_000)

test('encrypt: a file gives way to its encrypted self, standard input goes to standard output', async () => {
  const plain = put('group_vars/db.yaml', 'redis_password: hunter2-swordfish\n')
  const told = await secrets('encrypt group_vars/db.yaml')
  expect(told).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`group_vars/db.yaml.age: ${both}\n`),
  })
  expect(existsSync(plain)).toBe(false)
  expect((await secrets('show redis_password')).stdout).toBe('hunter2-swordfish\n')

  const piped = await secrets('encrypt', { input: 'a: b\n' })
  put('secrets.yaml.age', piped.stdout)
  expect((await secrets('show a', { key: bob.identity })).stdout).toBe('b\n')

  // One who could not read it back keeps the plain text.
  const kept = put('host_vars/db-1.yaml', 'x: yes-it-is\n')
  const other = await secrets('encrypt host_vars/db-1.yaml', { key: (await newKey()).identity })
  expect(other.stdout).toContain('you cannot open it yourself, so host_vars/db-1.yaml stays')
  expect(existsSync(kept)).toBe(true)
}, 120_000)

test('check and rekey: who can open what, what is missing, what lies open', async () => {
  const values = 'postgres_password: hunter2-swordfish\npostgres_superuser_password: hunter3-swordfish\n'
  put('group_vars/db.yaml', `${values}redis_password: hunter4-swordfish\n`)
  expect((await secrets('encrypt group_vars/db.yaml')).code).toBe(0)
  const clean = await secrets('check')
  expect(clean).toEqual({ code: 0, stdout: '1 encrypted file, 3 secrets: all well\n', stderr: '' })

  put('recipients.txt', `# alice\n${alice.recipient}\n`)
  put('notes.txt', `for the record: hunter3-swordfish\n${bob.identity}\n`)
  const short = `${bob.recipient.slice(0, 14)}…${bob.recipient.slice(-4)}`
  expect(await secrets('check')).toMatchObject({
    code: 1,
    stdout: `group_vars/db.yaml.age: can still be opened by ${short}: secrets.ts rekey
notes.txt:1: the value of \`postgres_superuser_password\` stands here in plain text
notes.txt:2: a private key of age stands here in plain text
1 encrypted file, 3 secrets: 3 problems
`,
  })
  expect(await secrets('rekey', { key: bob.identity })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('you would lock yourself out'),
  })
  expect((await secrets('rekey')).stdout).toContain('(alice)\n')
  rmSync(join(dir, 'notes.txt'))
  expect((await secrets('check')).code).toBe(0)
  expect(await secrets('show redis_password', { key: bob.identity })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('those who can open it'),
  })
}, 120_000)

test('words that make no sense', async () => {
  expect(await secrets('eddit')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean edit?'),
  })
  expect(await secrets('edit roles/x.yaml.age')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not where an encrypted file can be'),
  })
  put('recipients.txt', '')
  expect(await secrets('edit')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nobody to encrypt to'),
  })
  expect((await secrets('--help', { key: '' })).code).toBe(0)
}, 60_000)
