import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StageName } from '../../../stack/environment/index.ts'

/** An empty folder in the place of compose/. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'quayside-env-'))
}

/** Secrets that nothing is wrong with. */
export const goodSecrets = {
  postgres_superuser_password: 'Ku3mWq8ZrT5yXn2LbV7cPd4h',
  postgres_password: 'a9GfR2sLpQ6vYx3NtZ8kWm5B',
  redis_password: 'D7jHc4VbM1wXq9TzKr6yLp2S',
  api_signing_key: 'n4Bv7Xc1Zl9Kj3Hg6Fd8Sa2Qw5Er0Ty4Ui',
  anthropic_api_key: '',
  openai_api_key: '',
} as const

/** Writes a stage as `env.ts init` leaves it: the file, if any, and the secrets. */
export function put(
  directory: string,
  stage: StageName,
  env: string | undefined,
  secrets: Readonly<Record<string, string>> = goodSecrets,
): void {
  const folder = join(directory, 'secrets', stage)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (env !== undefined) writeFileSync(join(directory, `${stage}.env`), env, { mode: 0o600 })
  for (const [name, text] of Object.entries(secrets)) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o444)
  }
}

/** Every file below a folder, with its mode and text: "444 secrets/dev/redis_password". */
export function all(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    paths.map((path) => {
      const found = statSync(join(directory, path))
      const mode = (found.mode & 0o777).toString(8)
      return [`${mode} ${path}`, found.isFile() ? readFileSync(join(directory, path), 'utf8') : '']
    }),
  )
}
