import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeKeys } from '../../lib/lab/object-store.ts'
import { endpoint, writeLabBackend } from '../terraform/lab-backend.ts'
import { binary, run } from '../terraform/terraform.ts'

// Remote state as terraform/backends/aws.tf has it, in a real S3 server: the lab's. terraform_data needs no provider.
describe.skipIf(binary === undefined)('with terraform', () => {
  // This server takes a second writer of a key in a bucket with versions, which AWS does not: locks are tried without.
  const plain = `state-${process.pid}-${Date.now()}`
  const versioned = `${plain}-versions`
  const folders: string[] = []
  let s3: S3Client
  let keys: { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string }

  beforeAll(async () => {
    const { access, secret } = await storeKeys()
    keys = { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret }
    const credentials = { accessKeyId: access, secretAccessKey: secret }
    s3 = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
    for (const Bucket of [plain, versioned]) await s3.send(new CreateBucketCommand({ Bucket }))
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }),
    )
  })
  afterAll(async () => {
    for (const Bucket of [plain, versioned]) {
      const { DeleteMarkers = [], Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
      for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
        await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
      await s3.send(new DeleteBucketCommand({ Bucket }))
    }
    for (const each of folders) rmSync(each, { recursive: true, force: true })
  })

  /** A folder of a person's or of a CI job's: the environments' own backend, and one thing that takes `seconds` to make. */
  async function checkout(bucket: string, value: string, seconds = 0): Promise<string> {
    const here = mkdtempSync(join(tmpdir(), 'state-'))
    folders.push(here)
    writeLabBackend(here, 'state.tfbackend', bucket)
    write(here, value, seconds)
    expect((await terraform(here, 'init', '-backend-config=state.tfbackend')).text).toContain(
      'successfully initialized',
    )
    return here
  }

  function write(here: string, value: string, seconds = 0): void {
    writeFileSync(
      join(here, 'main.tf'),
      `resource "terraform_data" "it" {
  input            = "${value}"
  triggers_replace = "${value}"
  provisioner "local-exec" {
    command = "touch '${here}/begun'; sleep ${seconds}"
  }
}
output "it" { value = terraform_data.it.output }
`,
    )
  }

  const terraform = (here: string, ...words: string[]) => run([...words, '-no-color'], here, '{}', keys)
  const applied = (here: string, ...words: string[]) =>
    terraform(here, 'apply', '-auto-approve', '-input=false', ...words)

  test('of two that apply at once one is refused, and says who has the lock', async () => {
    const first = await checkout(plain, 'first', 6)
    const second = await checkout(plain, 'second')
    const running = applied(first)
    await begun(first)
    const refused = await applied(second)
    expect(refused.code).not.toBe(0)
    expect(refused.text).toMatch(/Error acquiring the state lock.*ID: [0-9a-f-]{36}.*Who: /)
    const waited = applied(second, '-lock-timeout=60s')
    expect((await running).text).toContain('Apply complete!')
    expect((await waited).text).toContain('Apply complete!')
    expect((await terraform(first, 'output', '-raw', 'it')).text.trim()).toBe('second')
  })

  test('the lock of a run that was killed is released by its number, and by no other', async () => {
    const here = await checkout(plain, 'third', 30)
    const killed = spawn(binary ?? '', ['apply', '-auto-approve', '-input=false', '-no-color'], {
      cwd: here,
      env: { PATH: process.env.PATH, HOME: here, ...keys },
      stdio: 'ignore',
      detached: true,
    })
    await begun(here)
    process.kill(-(killed.pid ?? 0), 'SIGKILL')
    write(here, 'fourth')
    const refused = await applied(here)
    const [, id = ''] = /ID: ([0-9a-f-]{36})/.exec(refused.text) ?? []
    expect(id).not.toBe('')
    const other = await terraform(here, 'force-unlock', '-force', '00000000-0000-0000-0000-000000000000')
    expect(other.code).not.toBe(0)
    expect((await terraform(here, 'force-unlock', '-force', id)).text).toContain('successfully unlocked')
    expect((await applied(here)).text).toContain('Apply complete!')
  })

  test('an older version of the state is brought back as a new one', async () => {
    const here = await checkout(versioned, 'second')
    await applied(here)
    write(here, 'fifth')
    await applied(here)
    const serial = async () =>
      JSON.parse((await terraform(here, 'state', 'pull')).raw) as {
        serial: number
        outputs: { it: { value: string } }
      }
    const now = await serial()
    expect(now.outputs.it.value).toBe('fifth')
    const { Versions = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: versioned, Prefix: 'terraform.tfstate' }),
    )
    const older = Versions.filter(({ IsLatest, Key }) => Key === 'terraform.tfstate' && !IsLatest)
    const texts = await Promise.all(
      older.map(async ({ VersionId }) => {
        const { Body } = await s3.send(
          new GetObjectCommand({ Bucket: versioned, Key: 'terraform.tfstate', VersionId }),
        )
        return (await Body?.transformToString()) ?? ''
      }),
    )
    const wanted = texts.find((text) => JSON.parse(text).outputs.it?.value === 'second') ?? ''
    writeFileSync(join(here, 'old.tfstate'), wanted)
    // Terraform itself keeps an older one from replacing a newer.
    expect((await terraform(here, 'state', 'push', 'old.tfstate')).text).toMatch(/newer serial|serial/)
    const raised = { ...JSON.parse(wanted), serial: now.serial + 1 }
    writeFileSync(join(here, 'old.tfstate'), JSON.stringify(raised))
    expect(await terraform(here, 'state', 'push', 'old.tfstate')).toMatchObject({ code: 0 })
    expect((await serial()).outputs.it.value).toBe('second')
  })

  test('a state goes from a folder into the bucket, and nothing of it is lost', async () => {
    const here = mkdtempSync(join(tmpdir(), 'state-'))
    folders.push(here)
    write(here, 'local')
    await terraform(here, 'init')
    expect((await applied(here)).text).toContain('Apply complete!')
    const there = await checkout(versioned, 'unused')
    const backend = readFileSync(join(there, 'backend.tf'), 'utf8')
    writeFileSync(join(here, 'backend.tf'), backend.replace('"terraform.tfstate"', '"moved.tfstate"'))
    writeFileSync(join(here, 'state.tfbackend'), readFileSync(join(there, 'state.tfbackend')))
    const moved = await terraform(
      here,
      'init',
      '-migrate-state',
      '-force-copy',
      '-backend-config=state.tfbackend',
    )
    expect(moved.text).toContain('successfully initialized')
    expect((await terraform(here, 'plan', '-detailed-exitcode', '-input=false')).code).toBe(0)
    expect(JSON.parse((await terraform(here, 'state', 'pull')).raw).outputs.it.value).toBe('local')
  })
})

/** Waits until what an apply makes is being made: it has the lock then. */
async function begun(here: string): Promise<void> {
  for (let waited = 0; waited < 300; waited += 1) {
    try {
      readFileSync(join(here, 'begun'))
      return
    } catch {
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  throw new Error('the apply did not begin in 30 s')
}
