import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { commandLine } from '../../command-line.ts'
import { binary, run } from '../../terraform/terraform.ts'

// A real Terraform with a state of its own, which says what the modules say: as much of them as needs no provider.
describe.skipIf(binary === undefined)('with terraform', () => {
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
    expect(nothing.stderr).toMatch(/gives no output[\s\S]*come first/)
    expect(readFileSync(join(inventory, 'hosts.yaml'), 'utf8')).toContain('app-2')
  })
})
