import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { SecretError } from './error.ts'

const commandTimeoutSeconds = 60

/** The value of an environment variable of this process. */
export function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (value === undefined)
    throw new SecretError(`the environment variable ${name} is not set`, `export ${name}=…`)
  if (value === '') throw new SecretError(`the environment variable ${name} is empty`, `export ${name}=…`)
  return value
}

/** The content of a file that only its owner and group may read, without the last newline. */
export async function fromFile(path: string): Promise<string> {
  const value = await readChecked(path)
  if (value === '') throw new SecretError(`${path} is empty`, 'write the secret into it')
  return value
}

async function readChecked(path: string): Promise<string> {
  try {
    const { mode } = await stat(path)
    const content = withoutLastNewline(await readFile(path, 'utf8'))
    // A certificate is public; whatever else lies open to every account of this machine is no secret.
    if ((mode & 0o004) !== 0 && !isCertificate(content)) {
      throw new SecretError(`every user of this machine can read ${path}`, `chmod 600 ${path}`)
    }
    return content
  } catch (error) {
    throw error instanceof SecretError ? error : unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): SecretError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') {
    return new SecretError(`${path} does not exist`, 'write the secret into it, mode 600', error)
  }
  if (code === 'EACCES') return new SecretError(`${path} may not be read`, `chown $USER ${path}`, error)
  return new SecretError(`${path} cannot be read (${String(code ?? error)})`, 'name a file', error)
}

function isCertificate(content: string): boolean {
  return content.startsWith('-----BEGIN CERTIFICATE-----') && !content.includes('PRIVATE KEY')
}

/** What a program prints, without the last newline. It is run without a shell, in the given folder. */
export async function fromCommand(argv: readonly string[], folder: string): Promise<string> {
  const [program = '', ...args] = argv
  const value = await new Promise<string>((resolve, reject) => {
    const options = { cwd: folder, timeout: commandTimeoutSeconds * 1000, maxBuffer: 1 << 20 }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(withoutLastNewline(stdout))
      else reject(commandFailed(program, error, stderr))
    })
    // A program that asks on standard input gets an end of file, so that a run by cron cannot hang on it.
    child.stdin?.end()
  })
  if (value === '') throw new SecretError(`${program} printed nothing`, 'run it by hand to see why')
  return value
}

// The cause is left out on purpose: Node's error repeats the whole command line.
function commandFailed(
  program: string,
  error: { code?: unknown; killed?: boolean; signal?: unknown },
  stderr: string,
): SecretError {
  if (error.code === 'ENOENT')
    return new SecretError(`the program ${program} is not installed`, 'install it, or give its full path')
  const line = stderr.trim().split('\n')[0] ?? ''
  const how = typeof error.code === 'number' ? `failed with exit code ${error.code}` : stopped(error)
  return new SecretError(`${program} ${how}${line === '' ? '' : `: ${line}`}`, 'run it by hand to see why')
}

function stopped(error: { code?: unknown; killed?: boolean; signal?: unknown }): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed more than 1 MiB'
  if (error.killed === true) return `gave no answer in ${commandTimeoutSeconds} s`
  return `failed (${String(error.signal ?? error.code)})`
}

export function withoutLastNewline(value: string): string {
  return value.replace(/\r?\n$/, '')
}
