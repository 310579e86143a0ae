import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { survey } from '../../../lib/inventory/survey.ts'
import { faults } from '../../terraform/mistakes.ts'
import { type StandIns, standIns } from '../../terraform/stand-in.ts'
import { binary, copied, run } from '../../terraform/terraform.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const clouds = ['aws', 'gcp', 'azure']
const environments = ['staging', 'production']

// Terraform's own words on the modules. Its providers cannot be had everywhere; what they take can: stand-in.ts.
describe.skipIf(binary === undefined)('with terraform', () => {
  let providers: StandIns
  beforeAll(async () => {
    providers = await standIns()
  })
  afterAll(() => providers?.[Symbol.asyncDispose]())

  async function validated(cwd: string) {
    const made = await run(['init', '-backend=false', '-no-color'], cwd, providers.reattach)
    if (made.code !== 0) return made
    return run(['validate', '-no-color'], cwd, providers.reattach)
  }

  test('everything is formatted', async () => {
    using copy = copied()
    expect(await run(['fmt', '-check', '-recursive'], copy.folder, '{}')).toMatchObject({ code: 0 })
  })

  test.each(clouds)('module %s is valid', async (cloud) => {
    using copy = copied()
    expect((await validated(join(copy.folder, 'modules', cloud))).text).toContain('Success!')
  })

  test.each(clouds)("the bucket for %s' state is valid", async (cloud) => {
    using copy = copied()
    expect((await validated(join(copy.folder, 'bootstrap', cloud))).text).toContain('Success!')
  })

  test.each(environments.flatMap((name) => clouds.map((cloud) => [name, cloud] as const)))(
    '%s is valid on %s: a source, a provider and a backend are all that changes',
    async (name, cloud) => {
      using copy = copied()
      const here = `environments/${name}`
      copy.replace(`${here}/main.tf`, 'modules/aws', `modules/${cloud}`)
      for (const word of ['provider', 'backend']) {
        const file = `${here}/${word}.tf`
        copy.replace(file, copy.text(file), copy.text(`${word}s/${cloud}.tf`))
      }
      expect((await validated(join(copy.folder, here))).text).toContain('Success!')
    },
  )

  // A person who has the hosts by Terraform edits no address, then: stack_settings name that of the database.
  test("production's hosts have the addresses that its example inventory tells of", async () => {
    using copy = copied()
    const here = join(copy.folder, 'environments/production')
    const { checked } = await survey({ env: 'production', dir: `${root}/inventory/production`, schemas: [] })
    const addresses = [...checked].map(
      ([name, { connection }]) => `${name} = "${connection.private_address}"`,
    )
    expect(addresses.length).toBeGreaterThan(5)
    writeFileSync(
      join(here, 'addresses.tftest.hcl'),
      `mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["a", "b", "c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

run "addresses" {
  command = plan

  variables {
    ssh_from        = ["198.51.100.0/24"]
    ssh_public_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPubl1c somebody"]
  }

  assert {
    condition     = { for name, host in output.hosts : name => host.private_address } == { ${addresses.join(', ')} }
    error_message = "They are \${jsonencode({ for name, host in output.hosts : name => host.private_address })}."
  }
}
`,
    )
    await validated(here)
    const { text } = await run(['test', '-no-color'], here, providers.reattach)
    expect(text).toContain('Success! 1 passed, 0 failed')
  })

  test('the script for machines that have the providers: what is right passes, a mistake does not', async () => {
    using copy = copied()
    const validate = (...folders: string[]) =>
      new Promise<{ code: number; said: string }>((done) =>
        execFile(
          join(copy.folder, 'validate.sh'),
          folders,
          { env: { ...process.env, TF_REATTACH_PROVIDERS: providers.reattach } },
          (error, out, err) => done({ code: Number(error?.code ?? 0), said: `${out}${err}` }),
        ),
      )
    const right = await validate('bootstrap/gcp', 'environments/staging')
    expect(right, right.said).toMatchObject({ code: 0 })
    expect(right.said).toMatch(/== bootstrap\/gcp\nSuccess![\s\S]*== environments\/staging\nSuccess!/)
    copy.replace(
      'bootstrap/gcp/main.tf',
      'resource "google_storage_bucket"',
      'resource "google_storage_bukket"',
    )
    const wrong = await validate('bootstrap/gcp', 'environments/staging')
    expect(wrong.code).toBe(1)
    expect(wrong.said).not.toContain('== environments/staging')
  })

  test.each(clouds)('module %s does what its own tests say', async (cloud) => {
    using copy = copied()
    const here = join(copy.folder, 'modules', cloud)
    await validated(here)
    const { text } = await run(['test', '-no-color'], here, providers.reattach)
    expect(text).toMatch(/Success! \d+ passed, 0 failed/)
  })

  test.each(clouds)('mistakes in module %s are found by Terraform, too', async (cloud) => {
    const made = faults.filter(({ module }) => module === cloud)
    expect(made.length).toBeGreaterThan(2)
    for (const { file, from, terraform, to } of made) {
      if (terraform === 'nothing') continue
      using copy = copied()
      copy.replace(`modules/${cloud}/${file}`, from, to)
      expect((await validated(join(copy.folder, 'modules', cloud))).text).toMatch(terraform)
    }
  })
})
