import { describe, expect, test } from 'vitest'
import { Environment } from '../../infra/environment.ts'
import { type DynamicValue, type Found, standIns } from '../../terraform/stand-in.ts'
import { binary } from '../../terraform/terraform.ts'

const configuration = `terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" { region = "eu-central-1" }
resource "aws_key_pair" "one" {
  key_name   = "first"
  public_key = "ssh-ed25519 AAAA"
}
resource "aws_key_pair" "two" {
  key_name   = "other"
  public_key = "ssh-ed25519 BBBB"
}
`
const nothing: DynamicValue = { msgpack: Buffer.from([0xc0]) }

/** Somebody has given the first another key, and removed the other, behind Terraform's back. */
const touched: Found = (_, { msgpack }) =>
  msgpack.includes('other')
    ? nothing
    : { msgpack: Buffer.from(msgpack.toString('latin1').replace('AAAA', 'CCCC'), 'latin1') }

// The cloud is the only thing that is not real here: a provider that finds what a test says.
describe.skipIf(binary === undefined)('with terraform', { timeout: 300_000 }, () => {
  test('what somebody changed or removed in the cloud is drift: exit code 3, and the state stays', async () => {
    let found: Found = (_, state) => state
    await using providers = await standIns((type, state) => found(type, state))
    using made = new Environment()
    made.write('main.tf', configuration)
    const given = { TF_REATTACH_PROVIDERS: providers.reattach }
    expect(await made.infra('apply --yes', given)).toMatchObject({ code: 0, stderr: '' })
    expect(await made.infra('drift', given)).toMatchObject({
      code: 0,
      stdout: 'made: all is as it was made\n',
    })
    found = touched
    const before = JSON.stringify(made.state)
    const drifted = await made.infra('drift', given)
    expect(drifted).toMatchObject({ code: 3, stderr: '' })
    expect(drifted.stdout).toBe(`~ aws_key_pair.one is not as it was made
    public_key: "ssh-ed25519 AAAA" -> "ssh-ed25519 CCCC"
- aws_key_pair.two is gone
made: 2 things were changed from outside; infra.ts plan says what an apply would do about it
`)
    expect(JSON.stringify(made.state)).toBe(before)
  })
})
