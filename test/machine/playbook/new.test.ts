import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { UsageError } from '../../../lib/error.ts'
import { parseFlags } from '../../../lib/playbook/flags.ts'
import { newCommand, newFlags } from '../../../lib/playbook/new-command.ts'
import { everyPlay } from '../../../roles/stack.ts'
import { commandLine } from '../../command-line.ts'
import { workedExample } from '../../examples.ts'
import { projectCopy, put } from '../../project-copy.ts'
import { inWords } from '../../unit/resource/observe.ts'

const root = projectCopy()
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The command line in the copy, in this process; paths are told from there. Gives what it printed. */
async function make(words: string): Promise<string> {
  const lines: string[] = []
  const project = { root, plays: async () => everyPlay, print: (line: string) => lines.push(line) }
  expect(await newCommand(project, parseFlags(words.split(' ').filter(Boolean), newFlags))).toBe(0)
  return lines.map((line) => `${line.replaceAll(`${root}/`, '')}\n`).join('')
}

// Made before the tests are gathered: the test that comes with a role is among them.
const [role, alone, env] = await Promise.all([
  make('role load-balancer'),
  make('playbook tidy-up'),
  make('env acme'),
])
// One that plays the role of its own name, and one of a role that the project had before.
const [own] = await Promise.all([make('playbook load-balancer'), make('playbook cache --role redis')])
put(root, workedExample)

describe('what is made passes its own tests', async () => {
  await import(join(root, 'test/unit/roles/load-balancer.test.ts'))
})

test('what was written is said, and what to type next', () => {
  expect(role).toBe(`wrote roles/load-balancer/schema.ts
wrote roles/load-balancer/role.ts
wrote roles/load-balancer/README.md
wrote test/unit/roles/load-balancer.test.ts

try its test:
    npx vitest run --project unit test/unit/roles/load-balancer.test.ts
no playbook plays it yet. One of its own:
    npx zx playbooks/new.ts playbook load-balancer
or site.ts and every deploy, by two lines in roles/stack.ts, the second one in \`stack\`:
    import { loadBalancer } from './load-balancer/role.ts'
    { hosts: 'all', roles: [loadBalancer] },
and then, for editors and for all that is wrong with it:
    npx zx playbooks/inventory.ts schema --write
    npm run check
`)
  expect(alone).toContain('wrote playbooks/tidy-up.ts\nwrote test/machine/playbook/tidy-up.test.ts\n')
  expect(env).toContain('wrote inventory/acme/hosts.yaml\nwrote inventory/acme/group_vars/all.yaml\n')
  expect(own).toContain("    import { loadBalancer } from './load-balancer/role.ts'\n")
})

test('and it passes lint, types and check', { timeout: 120_000 }, async () => {
  const [checked, linted] = await Promise.all([commandLine('playbooks/check.ts', { root }), lint()])
  expect(checked.stdout, checked.stderr).toContain('no findings in 2 inventories')
  expect(linted).toMatchObject({ code: 0, said: expect.stringContaining('No fixes applied') })
})

function lint(): Promise<{ code: number; said: string }> {
  const made = ['roles/load-balancer', 'roles/upkeep', 'playbooks', 'test/unit', 'test/machine']
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const words = [biome, 'check', '--error-on-warnings', ...made]
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr }),
    )
  })
}

describe('an environment', () => {
  test('has the groups that the stack is for, and says what they will want', () => {
    const text = (name: string) => readFileSync(join(root, 'inventory/acme', name), 'utf8')
    expect(text('hosts.yaml')).toContain('    db:\n      hosts:\n        # db-1: { host: 192.0.2.')
    expect(readdirSync(join(root, 'inventory/acme/group_vars')).sort()).toEqual([
      'all.yaml',
      'app.yaml',
      'db.yaml',
      'edge.yaml',
      'logs.yaml',
      'manager.yaml',
      'worker.yaml',
    ])
    // Groups that need the same variable have one place for it.
    expect(text('group_vars/all.yaml')).toContain('\n# apps: ')
    expect(text('group_vars/edge.yaml')).not.toContain('\n# apps: ')
    expect(text('group_vars/db.yaml')).toContain('\n# redis_password: { from_age: redis_password }')
  })
})

describe('refused before anything is written', () => {
  test.each([
    ['', 'a new what?', 'role, playbook, env'],
    ['rolle x', 'new.ts makes no "rolle"', 'did you mean `role`?'],
    ['role', 'which name?', 'npx zx playbooks/new.ts role NAME'],
    ['role LoadBalancer', '"LoadBalancer" cannot be the name of a role', 'did you mean `load-balancer`?'],
    ['env my_env', '"my_env" cannot be the name of an environment', 'did you mean `my-env`?'],
    ['role ../x', '"../x" cannot be the name of a role', 'did you mean `x`?'],
    ['role class', '"class" is a word with a meaning of its own: no role can have it'],
    ['playbook never', '"never" is a word with a meaning of its own: no playbook can have it'],
    ['role redis', 'roles/redis/schema.ts is there already: nothing was written'],
    ['playbook site', 'playbooks/site.ts is there already: nothing was written'],
    ['env lab', 'inventory/lab/hosts.yaml is there already: nothing was written'],
    ['playbook one --role reddis', 'there is no role reddis', 'did you mean `redis`?'],
    ['role one --role redis', '--role goes with new.ts playbook'],
    ['role one two', 'new.ts role takes no "two"'],
  ])('new.ts %s', async (words, message, hint = '') => {
    const error: unknown = await make(words).catch((thrown) => thrown)
    if (!(error instanceof UsageError)) throw new Error(`it was done: ${error}`)
    expect(error.message.replaceAll(`${root}/`, '')).toBe(message)
    if (hint !== '') expect(error.hint).toBe(hint)
    expect(existsSync(join(root, 'roles/one'))).toBe(false)
  })

  test('of several files, one that is there keeps all from being written', async () => {
    put(root, { 'test/unit/roles/half.test.ts': '// mine\n' })
    await expect(make('role half')).rejects.toThrow('half.test.ts is there already: nothing was written')
    expect(existsSync(join(root, 'roles/half'))).toBe(false)
  })
})

describe('the worked example of docs/', () => {
  test('each is whole in under 30 lines', () => {
    expect(Object.keys(workedExample)).toEqual([
      'roles/upkeep/held.ts',
      'roles/upkeep/role.ts',
      'playbooks/upkeep.ts',
    ])
    for (const [path, text] of Object.entries(workedExample))
      expect(text.trimEnd().split('\n').length, path).toBeLessThan(30)
  })

  test('plans as the page says', async () => {
    const { held } = await import(join(root, 'roles/upkeep/held.ts'))
    const plan = (stdout: string, code = 0, stderr = '') =>
      inWords(held('redis').plan({ stdout, stderr, code }))
    expect(plan('redis\n')).toBe('unchanged')
    expect(plan('')).toBe('change: hold')
    expect(plan('', 3, 'redis is not installed\n')).toBe('unknown: redis is not installed')
  })
})

test('as it is typed', { timeout: 120_000 }, async () => {
  expect(await commandLine('playbooks/new.ts role LoadBalancer')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: "LoadBalancer" cannot be the name of a role\nhint: did you mean `load-balancer`?\n',
  })
})
