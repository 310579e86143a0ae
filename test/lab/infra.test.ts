import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeKeys } from '../../lib/lab/object-store.ts'
import { root } from '../argv.ts'
import { endpoint, writeLabBackend } from '../terraform/lab-backend.ts'
import { binary } from '../terraform/terraform.ts'
import { inLab } from './playbook.ts'
import { ask, edgePorts, labCa } from './traffic.ts'

// From a configuration to a page that is served, with nothing written by hand between the two: a real Terraform, its state in
// a real S3 server, a module that makes the lab's hosts, and the lab's own variables.
describe.skipIf(binary === undefined)('with terraform', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'provisioned-'))
  const [folder, inventory] = [join(scratch, 'made'), join(scratch, 'lab')]
  const Bucket = `infra-${process.pid}-${Date.now()}`
  let s3: S3Client
  let keys: NodeJS.ProcessEnv
  const infra = (word: string, flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
    inLab('infra', [word, '--terraform', String(binary), '--inventory', inventory, ...flags], {
      env: { ...keys, ...env },
    })
  const there = (name: string, ...words: string[]) => inLab(name, ['--inventory', inventory, ...words])

  beforeAll(async () => {
    const { access, secret } = await storeKeys()
    keys = { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret }
    const credentials = { accessKeyId: access, secretAccessKey: secret }
    s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
    await s3.send(new CreateBucketCommand({ Bucket }))
    cpSync(fileURLToPath(new URL('./fixtures/provisioned', import.meta.url)), folder, { recursive: true })
    writeLabBackend(folder, 'backend.tfbackend', Bucket)
    mkdirSync(inventory)
    cpSync(join(root, 'inventory/lab/group_vars'), join(inventory, 'group_vars'), { recursive: true })
    writeFileSync(join(inventory, 'terraform.yaml'), 'folder: ../made\ngroups: { logs: [db] }\n')
  })
  afterAll(async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    await s3.send(new DeleteBucketCommand({ Bucket }))
    rmSync(scratch, { recursive: true })
  })

  test('before an apply there are no hosts, and a run says so', async () => {
    const { code, stderr } = await there('site', '--check')
    expect(code).toBe(2)
    expect(stderr).toContain('terraform.yaml:1:1: the hosts are not known here')
  })

  test('infra.ts apply, then deploy.ts: the hosts are the lab’s, and the page is served', async () => {
    const made = await infra('apply', ['--yes'])
    expect(made.code, made.output).toBe(0)
    expect(made.stdout).toContain('lab: 5 made in')
    expect(made.stdout).toContain('  inventory  + app-2 app 127.0.0.1 22022 10.213.77.22\n')
    const names = async (words: string[]) =>
      (await inLab('inventory', ['hosts', 'all', ...words])).stdout.split('\n').sort()
    expect(await names(['--inventory', inventory])).toEqual(await names([]))

    const deployed = await there('deploy')
    expect(deployed.code, deployed.output).toBe(0)
    expect(deployed.stdout).toContain('nothing to deploy')
    expect(deployed.stdout).not.toMatch(/^ {2}\S+ +changed /m)
    for (const port of edgePorts) {
      const page = await ask(false, port, 'GET', '/', labCa())
      expect(page.status).toBe(200)
      expect(page.body).toContain('data-testid="result"')
    }
  })

  test('a host that goes is in the next plan of the playbooks', async () => {
    const fewer = await infra('apply', ['--yes'], { TF_VAR_apps: '1' })
    expect(fewer.code, fewer.output).toBe(0)
    expect(fewer.stdout).toContain(
      '- terraform_data.host["app-2"] is destroyed (for_each has its key no longer)',
    )
    expect(fewer.stdout).toContain('  inventory  - app-2 ')
    const planned = await there('site', '--check', '--diff', '--exit-code', '--limit', 'edge-1')
    expect(planned.code, planned.output).toBe(3)
    expect(planned.stdout).toMatch(/^ *-.*10\.213\.77\.22/m)
  })
  test('a lock that somebody else has in the bucket: who, since when, and how to release it', async () => {
    const ID = '72c9f7ed-eb3b-5bf4-9e4d-9b6d9d6c6a11'
    const Key = 'terraform.tfstate.tflock'
    const lock = { ID, Operation: 'OperationTypeApply', Who: 'anna@laptop', Created: '2026-11-27T08:00:00Z' }
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(lock) }))
    const held = await infra('plan')
    expect(held.code).toBe(1)
    expect(held.stderr).toContain(
      'the state is locked: anna@laptop has it since 2026-11-27 08:00:00 UTC (apply)',
    )
    expect(held.stderr).toContain(`force-unlock ${ID}`)
  })
})
