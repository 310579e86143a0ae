import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hosts, publishedPort } from '../../lib/lab/topology.ts'
import { commandLine } from '../command-line.ts'
import { workedExample } from '../examples.ts'
import { projectCopy, put } from '../project-copy.ts'
import { onHost } from './lab-host.ts'

// A project of one's own: a copy of this one, in which all is made by new.ts and by the pages of docs/.
let root: string
const sweep =
  'rm -rf /etc/load-balancer /etc/tidy-up /etc/motd.d/upkeep; rmdir /etc/motd.d; apt-mark unhold sudo >/dev/null; :'

beforeAll(async () => {
  root = projectCopy()
  await onHost('app-2', sweep)
})
afterAll(async () => {
  rmSync(root, { recursive: true, force: true })
  await onHost('app-2', sweep)
})

/** The tests that came with what was made, as a person runs them. */
function vitest(files: readonly string[]): Promise<string> {
  const words = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'unit',
    '--project',
    'machine',
    ...files,
  ]
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, VITEST: undefined }
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: root, env }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
}

test('a new role, playbook and environment run on a real host, and so does the worked example: twice', async () => {
  for (const words of ['role load-balancer', 'playbook load-balancer', 'playbook tidy-up', 'env acme'])
    expect(await commandLine(`playbooks/new.ts ${words}`, { root })).toMatchObject({ code: 0, stderr: '' })
  const own = ['tidy-up', 'load-balancer'].map((name) => `test/machine/playbook/${name}.test.ts`)
  expect(await vitest([...own, 'test/unit/roles/load-balancer.test.ts'])).toMatch(/^6 passed, 0 failed$/m)

  // What a person does next: hosts, and a value.
  const machine = hosts.find(({ name }) => name === 'app-2')
  if (machine === undefined) throw new Error('the lab has no app-2')
  const state = "'{state}/../lab"
  put(root, {
    ...workedExample,
    'inventory/acme/hosts.yaml': `all:
  vars: { identity_file: ${state}/id_ed25519', known_hosts_file: ${state}/known_hosts' }
  children:
    balancer:
      hosts:
        app-2: { host: 127.0.0.1, port: ${publishedPort(machine, 22)} }
`,
    'inventory/acme/group_vars/balancer.yaml': 'load_balancer_text: good evening\nupkeep_held: [sudo]\n',
  })
  for (const group of ['app', 'db', 'edge', 'logs', 'manager', 'worker'])
    rmSync(join(root, `inventory/acme/group_vars/${group}.yaml`))
  put(root, {
    'roles/stack.ts': `import type { Play } from '../lib/engine/play.ts'
import { loadBalancer } from './load-balancer/role.ts'
import { upkeep } from './upkeep/role.ts'

export const everyPlay: readonly Play[] = [{ hosts: 'all', roles: [loadBalancer, upkeep] }]
`,
  })

  const run = (name: string) => commandLine(`playbooks/${name}.ts --env acme`, { root })
  for (const name of ['load-balancer', 'tidy-up', 'upkeep']) {
    const first = await run(name)
    expect(first.code, first.stdout + first.stderr).toBe(0)
    expect(first.stdout).toMatch(/app-2 +changed /)
    const again = await run(name)
    expect(again.code, again.stdout + again.stderr).toBe(0)
    expect(again.stdout).toMatch(/app-2 +\d+ +0 +0 +ok\n/)
  }
  expect(
    await onHost('app-2', 'cat /etc/load-balancer/text /etc/tidy-up /etc/motd.d/upkeep; apt-mark showhold'),
  ).toBe('good evening\napp-2\napp-2 keeps: sudo\nsudo\n')
})
