import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// `./zx playbook.ts` in a project of its own, on the Node that is in PATH: what npx runs, without npx.
const root = fileURLToPath(new URL('../../..', import.meta.url))
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'quayside-launch-'))
  for (const part of ['lib', 'runtime', 'zx', 'package.json'])
    cpSync(join(root, part), join(project, part), { recursive: true })
  mkdirSync(join(project, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '.cache' && name !== 'quayside-node' && name !== '.bin')
      symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
  mkdirSync(join(project, 'node_modules/.bin'))
  symlinkSync('../../runtime/node/node.sh', join(project, 'node_modules/.bin/node'))
  symlinkSync(join(root, 'node_modules/zx/build/cli.js'), join(project, 'node_modules/.bin/zx'))
  chmodSync(join(project, 'zx'), 0o755)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(project, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

/** A playbook that says what `said.ts`, and a file that it imports only when it runs, have to say. */
function playbook(name: string, body = ''): void {
  write(
    `playbooks/${name}.ts`,
    `import { program } from '../lib/playbook/index.ts'
import { said } from './${name}/said.ts'
await program(import.meta, {
  about: 'Say something',
  example: 'npx zx playbooks/${name}.ts',
  async run({ print }) {
    print(\`\${said as string} from \${import.meta.url.slice(-${name.length + 3})}\`)
    print((await import('./${name}/later.ts')).later)
    ${body}
    return 0
  },
})
`,
  )
  write(`playbooks/${name}/said.ts`, `export const said: string = 'hello'\n`)
  write(`playbooks/${name}/later.ts`, `export const later: string = 'later'\n`)
}

function run(name: string, ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    const child = execFile(
      './zx',
      [`playbooks/${name}.ts`, ...args],
      { cwd: project, env },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

const bundles = (name: string) =>
  existing(join(project, 'node_modules/.cache/quayside')).filter((entry) => entry.includes(`${name}.ts.`))
const manifests = (name: string) => bundles(name).filter((entry) => entry.endsWith('.json'))
const existing = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A bundle of sources that were written within the last moment is not kept; a person is not that quick. */
const settle = () => sleep(80)

// Bun runs a playbook as it is.
describe.skipIf(process.versions.bun)('a playbook as a bundle', { timeout: 120_000 }, () => {
  test('is made once, and then run again as it is', async () => {
    playbook('kept')
    await settle()
    const first = await run('kept')
    expect(first).toEqual({ code: 0, stdout: 'hello from kept.ts\nlater\n', stderr: '' })
    expect(manifests('kept')).toHaveLength(1)
    const made = bundles('kept')
    expect(await run('kept')).toEqual(first)
    expect(bundles('kept')).toEqual(made)
  })

  test('is never stale: not after an edit of any source, even one with its time set back', async () => {
    playbook('edited')
    await settle()
    expect((await run('edited')).stdout).toContain('hello')

    const said = write('playbooks/edited/said.ts', `export const said: string = 'howdy'\n`)
    await utimes(said, 1_000_000_000, 1_000_000_000)
    await settle()
    expect((await run('edited')).stdout).toBe('howdy from edited.ts\nlater\n')
    await utimes(write('playbooks/edited/said.ts', `export const said: string = 'salut'\n`), 1e9, 1e9)
    expect((await run('edited')).stdout).toBe('salut from edited.ts\nlater\n')
    write('playbooks/edited/later.ts', `export const later = 'much later'\n`)
    expect((await run('edited')).stdout).toBe('salut from edited.ts\nmuch later\n')

    const lib = 'lib/playbook/help.ts'
    write(lib, `export const help = () => 'no help\\n'\n`)
    expect((await run('edited', '--help')).stdout).toContain('no help')
    cpSync(join(root, lib), join(project, lib))
    expect((await run('edited', '--help')).stdout).toContain('Say something')

    rmSync(join(project, 'playbooks/edited/said.ts'))
    const gone = await run('edited')
    expect(gone.code).toBe(1)
    expect(gone.stderr).toContain('said.ts')
  })

  test('gives a CommonJS package that is imported lazily its names', async () => {
    playbook('lazy', "print(typeof (await import('@aws-sdk/client-s3')).S3Client)")
    await settle()
    expect((await run('lazy')).stdout).toContain('later\nfunction\n')
    expect(manifests('lazy')).toHaveLength(1)
  })

  test('shows where an error was thrown in the source', async () => {
    playbook('thrown', `throw new RangeError('out of bounds')`)
    await settle()
    const { code, stderr } = await run('thrown', '-vv')
    expect(code).toBe(1)
    expect(manifests('thrown')).toHaveLength(1)
    expect(stderr).toContain(
      `RangeError: out of bounds\n    at Object.run (${project}/playbooks/thrown.ts:9:11)`,
    )
    expect(stderr).toMatch(/at async program \(.*\/lib\/playbook\/program\.ts:\d+:\d+\)/)
  })

  test('has the globals of zx', async () => {
    playbook(
      'globals',
      `const { $, argv } = globalThis as never as typeof import('zx')
    print(String(await $\`echo \${argv._.join()}\`))`,
    )
    await settle()
    expect(await run('globals')).toMatchObject({ code: 0, stdout: 'hello from globals.ts\nlater\n\n' })
    expect(manifests('globals')).toHaveLength(1)
  })
})

test('packages that ask for their own path find it in a bundle', { timeout: 120_000 }, async () => {
  playbook('packages', `print(typeof (await import('ssh2')).default.Client)`)
  await settle()
  expect(await run('packages')).toMatchObject({
    code: 0,
    stdout: 'hello from packages.ts\nlater\nfunction\n',
  })
  expect(manifests('packages')).toHaveLength(1)
})

describe('zx itself runs', { timeout: 120_000 }, () => {
  test('a playbook that imports a computed name', async () => {
    // With syntax that some of the Nodes which strip types cannot parse by themselves.
    playbook(
      'computed',
      `await using end = { async [Symbol.asyncDispose]() { print('over') } }
    print((await import(['./computed', 'later.ts'].join('/'))).later.toUpperCase() + ' ' + typeof end)`,
    )
    await settle()
    expect((await run('computed')).stdout).toBe('hello from computed.ts\nlater\nLATER object\nover\n')
    expect(bundles('computed')).toEqual([])
  })

  test('a script that is no playbook', async () => {
    write(
      'playbooks/plain.ts',
      `const n: number = 3\nconsole.log(n, (await $\`echo plain\`).stdout.trim())\n`,
    )
    expect(await run('plain')).toMatchObject({ code: 0, stdout: '3 plain\n' })
    expect(bundles('plain')).toEqual([])
  })

  test('a playbook with a syntax error, and says where', async () => {
    playbook('wrong', `)`)
    const { code, stderr } = await run('wrong')
    expect(code).toBe(1)
    expect(stderr).toContain('wrong.ts:9')
  })
})
