import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../argv.ts'

/** The lab's S3 server, as this machine reaches it. */
export const endpoint = 'http://127.0.0.1:5078'

/** Writes the environments' own backend into a folder, and the settings for a bucket of the lab's S3 server, under that name. */
export function writeLabBackend(folder: string, settings: string, bucket: string): void {
  // Encryption at rest is AWS' own here: this server has no key service to ask.
  const backend = readFileSync(join(root, 'terraform/backends/aws.tf'), 'utf8').replace(
    /^ *encrypt .*\n/m,
    '',
  )
  writeFileSync(join(folder, 'backend.tf'), backend)
  writeFileSync(
    join(folder, settings),
    `bucket = "${bucket}"
region = "us-east-1"
endpoints = { s3 = "${endpoint}" }
use_path_style = true
skip_credentials_validation = true
skip_metadata_api_check = true
skip_region_validation = true
skip_requesting_account_id = true
`,
  )
}
