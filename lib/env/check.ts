import { byPlace, shownPath } from '../inventory/fault.ts'
import { secretFindings, secretsIn } from './check-secrets.ts'
import { effective, settingFindings } from './check-settings.ts'
import { readDotenv } from './dotenv.ts'
import { type Finding, finding } from './finding.ts'
import { envPath, look, secretsPath } from './look.ts'
import { type Stage, secretOf, type Where } from './stage.ts'

export interface Checked {
  /** by place */
  readonly findings: readonly Finding[]
  /** what is no fault, but worth knowing */
  readonly notes: readonly string[]
  /** every setting that has a value, defaults among them; as Docker Compose takes it, whether it is right or wrong */
  readonly settings: ReadonlyMap<string, string>
}

/** Checks the settings and secrets of a stage. `env`: the variables of the shell that Docker Compose would run in. */
export async function checkStage(
  stage: Stage,
  where: Where,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Checked> {
  const { env: file, folder } = await look(stage, where)
  const shown = shownPath(envPath(stage, where))
  const text = file?.text ?? ''
  const read = readDotenv(shown, text, (name) => env[name])
  const settings = effective(stage, read.entries)
  const secrets = secretsIn(stage, folder)
  const findings = [
    ...(file === undefined
      ? noFile(stage, shown)
      : settingFindings(stage, { ...read, file: shown, text, secrets })),
    ...secretFindings(stage, { path: secretsPath(stage, where), found: folder }, settings),
  ]
  const holdsSecret =
    findings.some(({ kind }) => kind === 'misplaced-secret') ||
    read.entries.some(({ name }) => secretOf(stage, name) !== undefined)
  if (file !== undefined && holdsSecret && (file.mode & 0o044) !== 0)
    findings.push(
      finding(
        'permissions',
        { file: shown, line: 1, column: 1 },
        'this file holds a secret, and other accounts of this machine can read it',
        `chmod 600 ${shown}, and change what they could read`,
      ),
    )
  return {
    findings: [...findings].sort(byPlace),
    notes: notes(stage, shown, file === undefined, env),
    settings,
  }
}

function noFile(stage: Stage, shown: string): readonly Finding[] {
  const required = stage.settings.required ?? []
  if (required.length === 0) return []
  const message = `this file does not exist: ${stage.name} requires ${required.join(', ')}`
  return [
    finding('missing', { file: shown, line: 1, column: 1 }, message, `env.ts init ${stage.name} makes it`),
  ]
}

function notes(stage: Stage, shown: string, none: boolean, env: NodeJS.ProcessEnv): readonly string[] {
  const taken = Object.keys(stage.settings.properties).filter((name) => env[name] !== undefined)
  return [
    ...(none && (stage.settings.required ?? []).length === 0
      ? [`${shown} does not exist: all settings have their defaults`]
      : []),
    ...taken.map((name) => `this shell sets ${name}, and Docker Compose takes that before ${shown}`),
  ]
}
