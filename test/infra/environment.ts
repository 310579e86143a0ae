import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { argvOf, root } from '../argv.ts'
import { commandLine } from '../command-line.ts'
import { binary } from '../terraform/terraform.ts'

/** An environment of a folder of its own, its state in another one, as a backend has it. */
export class Environment implements Disposable {
  readonly scratch = mkdtempSync(join(tmpdir(), 'infra-'))
  readonly folder = join(this.scratch, 'repository/terraform/environments/made')
  readonly inventory = join(this.scratch, 'inventory/made')
  readonly #state = join(this.scratch, 'state/terraform.tfstate')

  constructor() {
    for (const path of [this.folder, this.inventory]) mkdirSync(path, { recursive: true })
    this.write('backend.tf', `terraform {\n  backend "local" {\n    path = "${this.#state}"\n  }\n}\n`)
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** The whole command line of a word of infra.ts: "plan", "apply --yes". */
  words(word: string): string {
    const inventory = /^(apply|destroy|rollback|inventory)/.test(word) ? ` --inventory ${this.inventory}` : ''
    return `playbooks/infra.ts ${word} --env made --from ${this.folder} --terraform ${binary}${inventory}`
  }

  infra(word: string, env: NodeJS.ProcessEnv = {}) {
    return commandLine(this.words(word), { env })
  }

  /** infra.ts in the background, a process that can be sent a signal. */
  begin(word: string, env: NodeJS.ProcessEnv = {}) {
    const [playbook = '', ...rest] = this.words(word).split(' ')
    const [program, ...args] = argvOf(playbook, ...rest)
    const child = spawn(program, args, { cwd: root, env: { ...process.env, NO_COLOR: '1', ...env } })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (code, signal) => resolve({ code: code ?? String(signal), stdout, stderr })),
    )
    return { child, ended }
  }

  /** The state, as the backend has it; undefined before there is any. */
  get state():
    | { outputs: Record<string, { value: unknown }>; resources: { type: string; name: string }[] }
    | undefined {
    return existsSync(this.#state) ? JSON.parse(readFileSync(this.#state, 'utf8')) : undefined
  }

  get isLocked(): boolean {
    const folder = join(this.scratch, 'state')
    return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.lock.info'))
  }

  git(...words: string[]): string {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']
    return execFileSync('git', ['-C', join(this.scratch, 'repository'), ...who, ...words], {
      encoding: 'utf8',
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

/** Waits, at most 20 s, until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (!isSo()) {
    if (Date.now() > end) throw new Error('it never was so')
    await pause(50)
  }
}
