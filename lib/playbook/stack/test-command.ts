import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../command.ts'
import { demandEngine } from '../../compose/engine.ts'
import { Phases } from '../../compose/phases.ts'
import { compose, type Project } from '../../compose/project.ts'
import { rendered } from '../../compose/rendered.ts'
import { findCompose } from '../../compose/tool.ts'
import { exit, messageOf, QuaysideError, UsageError } from '../../error.ts'
import { composeProgram } from '../../lab/compose-program.ts'
import { duration } from '../../report/style.ts'
import type { Check } from '../../stack/check.ts'
import type { Flags } from '../flags.ts'
import type { Life } from '../program.ts'
import { ensureCertificate } from './certificate.ts'
import { running } from './running.ts'
import type { StackSite } from './site.ts'
import { standIns } from './stand-ins.ts'
import { bringUp, publishedAt } from './up.ts'

export const testFlags = {
  standins: { about: 'images built here of Debian’s packages, where no image registry is reached' },
  keep: { about: 'leave the stack as it is, and say how it is removed' },
  only: { about: 'these checks alone', value: 'CHECK,…' },
} as const satisfies Flags

/** What a test stack is made of: its settings and secrets go to a folder of its own, as below compose/. */
export interface TestSite extends Omit<StackSite, 'prepare'> {
  prepare(folder: string): Promise<void>
  readonly checks: readonly Check[]
  /** the service that answers the world, and its port for https */
  readonly front: { readonly service: string; readonly port: number }
}

/** Makes a stack of its own, holds the checks and then a command of one's own against it, and takes it away. */
export async function testCommand(site: TestSite, { args, print, signal }: Life): Promise<number> {
  const checks = chosen(site.checks, args.text('only'))
  const command = args.positionals
  const variables = args.has('standins') ? await standIns(print) : {}
  await demandEngine()
  const name = `${site.stack.name}-${site.setting.name}-${randomBytes(3).toString('hex')}`
  const tool = await findCompose([composeProgram])
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  const project: Project = {
    tool,
    name,
    files: [join(site.folder, `${site.setting.name}.yaml`)],
    ...(existsSync(site.envFile) ? { envFile: site.envFile } : {}),
    variables: { ...variables, SECRETS_DIR: join(folder, 'secrets', site.setting.name), RELEASE: name },
  }
  let failed = true
  try {
    const port = await up(site, project, { print, signal, folder, verbose: args.count('verbose') > 0 })
    failed = !(await hold(checks, project, port, print, signal))
    if (command.length > 0 && !signal.aborted) failed = (await own(command, port, print)) !== 0 || failed
  } finally {
    if (args.has('keep')) print(`\nkept: docker compose -p ${name} down --volumes; rm -r ${folder}`)
    else await away(project, folder)
  }
  signal.throwIfAborted()
  return failed ? exit.failed : exit.done
}

function chosen(checks: readonly Check[], only: string | undefined): readonly Check[] {
  if (only === undefined) return checks
  return only.split(',').map((word) => {
    const check = checks.find(({ name }) => name === word.trim())
    if (check === undefined)
      throw new UsageError(
        `--only: there is no check "${word.trim()}"`,
        checks.map(({ name }) => name).join(', '),
      )
    return check
  })
}

interface Port {
  readonly port: number
  readonly authority: string
}

async function up(
  site: TestSite,
  project: Project,
  options: { print: (line: string) => void; signal: AbortSignal; folder: string; verbose: boolean },
): Promise<Port> {
  const { folder, print, signal, verbose } = options
  const phases = new Phases(print)
  const authority = await phases.step('secrets', async () => {
    await site.prepare(folder)
    return ensureCertificate(join(folder, 'secrets', site.setting.name), site.serverNames)
  })
  await bringUp(site, project, { phases, signal, build: true, ...(verbose && { verbose: print }) })
  const port = await publishedAt(project, site.front.service, site.front.port)
  if (port === undefined) throw new QuaysideError(`${project.name}: ${site.front.service} publishes no port`)
  print(`\nup after ${phases.total()} at https://localhost:${port}\n`)
  return { port, authority }
}

/** Holds each check against the stack; says how it went. All are tried, whatever becomes of one. */
async function hold(
  checks: readonly Check[],
  project: Project,
  { authority, port }: Port,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const stack = running(project, { port, ca: await readFile(authority, 'utf8') })
  let good = true
  for (const check of checks) {
    if (signal.aborted) return false
    const started = performance.now()
    const line = (word: string, said: string) =>
      print(
        `${word.padEnd(6)} ${check.name.padEnd(15)} ${duration(performance.now() - started).padStart(6)}   ${said}`,
      )
    try {
      line('ok', await check.run(stack))
    } catch (error) {
      good = false
      line('failed', messageOf(error))
    }
  }
  return good
}

/** A person's own tests: they find the stack by their environment. */
async function own(
  words: readonly string[],
  { authority, port }: Port,
  print: (line: string) => void,
): Promise<number> {
  const [program = '', ...rest] = words
  print(`\n${words.join(' ')}`)
  const env = {
    ...process.env,
    STACK_URL: `https://localhost:${port}`,
    NODE_EXTRA_CA_CERTS: authority,
    SSL_CERT_FILE: authority,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: 'inherit', env })
    child.once('error', (error) => reject(new UsageError(`${program}: ${error.message}`)))
    child.once('close', (code) => resolve(code ?? 1))
  })
}

async function away(project: Project, folder: string): Promise<void> {
  const { services } = await rendered(project)
  const built = Object.values(services).flatMap(({ build, image }) => (build && image ? [image] : []))
  await compose(project, ['down', '--volumes', '--remove-orphans', '--timeout', '3'])
  await run(['docker', 'image', 'rm', '--force', ...built]).catch(() => '')
  await rm(folder, { recursive: true, force: true })
}
