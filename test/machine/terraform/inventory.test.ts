import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { commandLine } from '../../command-line.ts'
import { Environment } from '../../infra/environment.ts'
import { binary, run } from '../../terraform/terraform.ts'

// A real Terraform with a state of its own, which says what the modules say: as much of them as needs no provider.
describe.skipIf(binary === undefined)('with terraform', { timeout: 180_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'infra-'))
  const [made, inventory] = [join(scratch, 'made'), join(scratch, 'inventory')]
  const words = (more = '') =>
    `playbooks/infra.ts inventory --env made --from ${made} --inventory ${inventory} --terraform ${binary}${more}`

  async function apply(hosts: string): Promise<void> {
    writeFileSync(
      join(made, 'outputs.tf'),
      `output "hosts" { value = { ${hosts} } }
output "ssh_user" { value = "deploy" }
output "redis_password" {
  value     = "what nobody reads"
  sensitive = true
}
`,
    )
    const { text } = await run(['apply', '-auto-approve', '-no-color'], made, '{}')
    expect(text).toContain('Apply complete!')
  }

  const edge =
    '"edge-1" = { tier = "edge", host = "203.0.113.7", private_address = "10.40.0.11", jump = null }'
  const app = (n: number) =>
    `"app-${n}" = { tier = "app", host = "10.40.128.3${n}", private_address = "10.40.128.3${n}", jump = "edge-1" }`

  beforeAll(async () => {
    for (const folder of [made, inventory]) mkdirSync(folder)
    await apply(`${edge}, ${app(1)}`)
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  test('what was made becomes an inventory that every playbook reads', async () => {
    const said = await commandLine(words())
    expect(said).toMatchObject({ code: 0, stderr: '' })
    expect(said.stdout).toContain('+ app-1 app 10.40.128.31 10.40.128.31 edge-1\n')
    const { hosts } = await loadInventory({ env: 'made', dir: inventory, schemas: [], secrets: false })
    expect(
      hosts.map(({ groups, name, target }) => [name, groups.includes('app'), target.host, target.user]),
    ).toEqual([
      ['app-1', true, '10.40.128.31', 'deploy'],
      ['edge-1', false, '203.0.113.7', 'deploy'],
    ])
    expect(hosts[0]?.target.jump?.map(({ host }) => host)).toEqual(['203.0.113.7'])
  })

  test('a second time nothing changes; a change of hosts is told before it is written', async () => {
    expect((await commandLine(words())).stdout).toBe('2 hosts, as they were\n')
    await apply(`${edge}, ${app(2)}`)
    const before = readFileSync(join(inventory, 'hosts.yaml'), 'utf8')
    const checked = await commandLine(words(' --check'))
    expect(checked).toMatchObject({ code: 3 })
    expect(checked.stdout).toMatch(/^- app-1 .*\n\+ app-2 .*\n2 hosts, not written\n$/)
    expect(readFileSync(join(inventory, 'hosts.yaml'), 'utf8')).toBe(before)
    expect(await commandLine(words())).toMatchObject({ code: 0 })
    expect(readdirSync(inventory)).toEqual(['hosts.yaml'])
  })

  test('what a person wrote is not replaced, and where nothing was made nothing is written', async () => {
    writeFileSync(join(inventory, 'hosts.yaml'), 'all: { hosts: { mine: } }\n')
    const refused = await commandLine(words())
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toMatch(/written by a person[\s\S]*--force/)
    expect(await commandLine(words(' --force'))).toMatchObject({ code: 0 })
    const empty = join(scratch, 'empty')
    mkdirSync(empty)
    const nothing = await commandLine(
      `playbooks/infra.ts inventory --env made --from ${empty} --inventory ${inventory} --terraform ${binary}`,
    )
    expect(nothing).toMatchObject({ code: 1 })
    expect(nothing.stderr).toMatch(/gives no output[\s\S]*comes first/)
    expect(readFileSync(join(inventory, 'hosts.yaml'), 'utf8')).toContain('app-2')
  })

  test('with a terraform.yaml an apply brings the inventory up by itself, and a destroy takes the hosts out of it', async () => {
    using made = new Environment()
    const hosts = (count: number) => `variable "count_of_apps" { default = ${count} }
output "ssh_user" { value = "deploy" }
output "hosts" {
  value = { for n in range(1, var.count_of_apps + 1) : "app-\${n}" => {
    tier = "app", host = "127.0.0.1", port = 22020 + n, private_address = "10.0.0.\${n}", jump = null
  } }
}
`
    const list = () =>
      commandLine(`playbooks/inventory.ts hosts app --env made --inventory ${made.inventory}`)
    writeFileSync(join(made.inventory, 'terraform.yaml'), `folder: ${made.folder}\ngroups: { logs: [app] }\n`)
    made.write('main.tf', hosts(1))
    const unknown = await list()
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain('terraform.yaml:1:1: the hosts are not known here')

    const words = (word: string) =>
      commandLine(`playbooks/infra.ts ${word} --env made --inventory ${made.inventory} --terraform ${binary}`)
    const first = await words('apply --yes')
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toContain('  inventory  + app-1 app 127.0.0.1 22021 10.0.0.1\n')
    expect((await list()).stdout).toBe('app-1\n')
    made.write('main.tf', hosts(2))
    expect((await words('apply --yes')).stdout).toContain('  inventory  + app-2 ')
    // Nothing to change: it was asked for nevertheless, and is fresh again.
    const path = join(made.inventory, 'hosts.yaml')
    const old = readFileSync(path, 'utf8').replace(/said it at \S+,/, 'said it at 2020-01-01T00:00:00.000Z,')
    writeFileSync(path, old)
    expect((await list()).stderr).toMatch(
      /hosts\.yaml:1:1: these hosts are \d+ days old, and count for 7 days/,
    )
    expect((await words('apply --yes')).stdout).toBe('made: nothing to change\n')
    expect((await list()).stdout).toBe('app-1\napp-2\n')

    writeFileSync(path, 'all: { hosts: {} }\n')
    const refused = await words('apply --yes')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('was written by a person')
    expect(await words('apply --yes --force')).toMatchObject({ code: 0 })
    expect((await words('destroy --yes')).stdout).toContain('is removed: there are no hosts')
    expect((await list()).stderr).toContain('it was destroyed')
  })
})
