import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { argumentFaults } from '../../terraform/arguments.ts'
import { faults, offences } from '../../terraform/mistakes.ts'
import { bodyOf, moduleIn, textsIn } from '../../terraform/parsed.ts'
import { policyFaults } from '../../terraform/policy.ts'
import { referenceFaults } from '../../terraform/references.ts'
import { providers, schemaOf } from '../../terraform/schema.ts'
import { copied, folder } from '../../terraform/terraform.ts'

const clouds = ['aws', 'gcp', 'azure'] as const
const environments = ['staging', 'production'] as const

describe.each(clouds)('module %s', (cloud) => {
  const here = join(folder, 'modules', cloud)

  test('says what its provider takes, refers to what is there, and is closed', async () => {
    const module = await moduleIn(here)
    expect(module.declared.length).toBeGreaterThan(20)
    expect(argumentFaults(module)).toEqual([])
    expect(referenceFaults(module)).toEqual([])
    expect(policyFaults(module)).toEqual([])
  })

  test('describes every variable and output, and says what a variable may be', async () => {
    const { outputs, variables } = await moduleIn(here)
    for (const [name, { description }] of Object.entries({ ...variables, ...outputs }))
      expect(String(description).length, name).toBeGreaterThan(20)
    for (const [name, { type, validation }] of Object.entries(variables)) {
      expect(type, name).toBeDefined()
      expect(validation, name).toBeDefined()
    }
  })

  test('hides what is secret', async () => {
    const { outputs, variables } = await moduleIn(here)
    for (const [name, { sensitive }] of Object.entries({ ...variables, ...outputs }))
      if (/password$|_key$/.test(name)) expect(sensitive, name).toBe(true)
  })

  test('is preceded by a bucket for its state, of the same care', async () => {
    const module = await moduleIn(join(folder, 'bootstrap', cloud))
    expect(module.declared.length).toBeGreaterThan(0)
    expect([...argumentFaults(module), ...referenceFaults(module), ...policyFaults(module)]).toEqual([])
    const buckets = module.declared.filter(({ type }) => /_(s3|storage)_bucket$|_storage_account$/.test(type))
    expect(buckets.map(({ body }) => JSON.stringify(body.lifecycle))).toEqual(['[{"prevent_destroy":true}]'])
    expect(JSON.stringify(module.files)).toMatch(
      /"versioning_enabled":true|"status":"Enabled"|"versioning":\[\{"enabled":true/,
    )
  })

  test('keeps data when somebody destroys the rest', async () => {
    const { declared } = await moduleIn(here)
    const data = declared.filter(({ type }) =>
      /^(aws_(s3_bucket|ebs_volume|db_instance|kms_key)|google_(storage_bucket|compute_disk|sql_database_instance)|azurerm_(storage_account|storage_container|managed_disk|postgresql_flexible_server))$/.test(
        type,
      ),
    )
    expect(data.length).toBeGreaterThan(2)
    for (const { body, name, type } of data)
      expect(JSON.stringify(body.lifecycle), `${type}.${name}`).toContain('"prevent_destroy":true')
  })

  test('pins its provider to the major version whose schema is here', () => {
    const text = readFileSync(join(here, 'versions.tf'), 'utf8')
    const [, name = ''] = /source {2}= "hashicorp\/(\w+)"/.exec(text) ?? []
    const provider = providers.find((each) => each === name)
    expect(provider).toBeDefined()
    const [major, minor] = (provider ? schemaOf(provider).version : '').split('.')
    expect(text).toContain(`version = "~> ${major}.${minor}"`)
  })
})

test('the three modules have the same inputs, outputs, hosts and rules', () => {
  for (const file of ['variables.tf', 'layout.tf', 'outputs.tf', 'cloud-init.yaml']) {
    const [aws, ...others] = clouds.map((cloud) => readFileSync(join(folder, 'modules', cloud, file), 'utf8'))
    for (const other of others) expect(other, file).toBe(aws)
  }
  const [aws, ...others] = clouds.map((cloud) =>
    readFileSync(join(folder, 'bootstrap', cloud, 'variables.tf'), 'utf8'),
  )
  for (const other of others) expect(other).toBe(aws)
})

// What the rules come to for each pair of tiers is asserted by the modules' own tests, with a Terraform.
test('who asks the database is said once, for hosts and for the managed ones, and in a Swarm is each node', async () => {
  const [aws, gcp, azure] = await Promise.all(
    clouds.map(async (cloud) => moduleIn(join(folder, 'modules', cloud))),
  )
  const body = (module: typeof aws, type: string, name: string) =>
    module?.declared.find((each) => each.type === type && each.name === name)?.body ?? {}
  expect(aws?.locals.clients).toContain('["app", "worker"], local.swarm')
  expect(aws?.locals.allowed).toMatch(
    /for tier in local\.clients : \[\s*\{ from = tier, to = "db", protocol = "tcp", first = 5432/,
  )
  // AWS' are in the group of the db hosts, and have their rules.
  expect(body(aws, 'aws_db_instance', 'postgres').vpc_security_group_ids).toEqual([
    '${aws_security_group.tier["db"].id}',
  ])
  expect(body(gcp, 'google_compute_firewall', 'managed').target_tags).toContain(
    'setsubtract(local.tiers, local.clients)',
  )
  expect(
    body(azure, 'azurerm_network_security_rule', 'managed').source_application_security_group_ids,
  ).toContain('for tier in local.clients')
})

test('the rules of hosts are each of inner_rules, and a packet of an overlay network fits the network', async () => {
  const [aws, gcp, azure] = await Promise.all(
    clouds.map(async (cloud) => moduleIn(join(folder, 'modules', cloud))),
  )
  for (const module of [aws, gcp, azure]) {
    const inner = module?.declared.find(({ name }) => name === 'inner')?.body ?? {}
    expect(inner.for_each).toBe('${local.inner_rules}')
    expect(JSON.stringify(inner)).toContain('each.value.protocol')
  }
  const network = gcp?.declared.find(({ type }) => type === 'google_compute_network')?.body
  expect(network?.mtu).toBe(1500)
})

describe.each(environments)('environment %s', (name) => {
  test('gives the module what it wants, and hands on all that it says', async () => {
    const here = await moduleIn(join(folder, 'environments', name))
    const module = await moduleIn(join(folder, 'modules/aws'))
    const { source, ...given } = here.calls.cloud ?? {}
    expect(source).toBe('../../modules/aws')
    const required = Object.entries(module.variables).filter(([, body]) => !('default' in body))
    for (const [variable] of required) expect(Object.keys(given)).toContain(variable)
    for (const variable of Object.keys(given)) expect(Object.keys(module.variables)).toContain(variable)
    expect(Object.keys(here.outputs).toSorted()).toEqual(Object.keys(module.outputs).toSorted())
    for (const [output, { sensitive }] of Object.entries(here.outputs))
      expect(sensitive, output).toBe(module.outputs[output]?.sensitive)
    expect(referenceFaults(here)).toEqual([])
  })

  test('has the provider and the backend that are written for its cloud', () => {
    for (const [file, of] of [
      ['provider.tf', 'providers/aws.tf'],
      ['backend.tf', 'backends/aws.tf'],
    ] as const)
      expect(readFileSync(join(folder, 'environments', name, file), 'utf8')).toBe(
        readFileSync(join(folder, of), 'utf8'),
      )
  })
})

test('no secret and no state is in a file here', async () => {
  for (const name of environments) {
    const { files } = await moduleIn(join(folder, 'environments', name))
    for (const text of textsIn(files)) expect(text).not.toMatch(/AKIA|BEGIN|-----/)
    expect(Object.keys(bodyOf(files)).filter((file) => file.includes('tfstate'))).toEqual([])
  }
})

describe('is found:', () => {
  test.each(faults)('$what', async ({ file, from, module, said, to }) => {
    using copy = copied()
    copy.replace(`modules/${module}/${file}`, from, to)
    const made = await moduleIn(join(copy.folder, 'modules', module))
    expect([...argumentFaults(made), ...referenceFaults(made)]).toContain(said)
  })

  test.each(offences)('$what', async ({ file, from, module, said, to }) => {
    using copy = copied()
    copy.replace(`modules/${module}/${file}`, from, to)
    const made = await moduleIn(join(copy.folder, 'modules', module))
    expect(policyFaults(made)).toContain(said)
  })
})
