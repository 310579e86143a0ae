import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { entryOf } from '../../../lib/connection/become.ts'
import type { Target } from '../../../lib/connection/connection.ts'
import { Connector, openConnection } from '../../../lib/connection/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { alive, temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const { file, make, parsed, known } = keysIn(folder.path)
let sshd: Sshd

beforeAll(async () => {
  make('host')
  make('user')
  sshd = await startSshd({ hostKeys: [file('host')], admits: parsed('user') })
  writeFileSync(file('known'), known('host', sshd.port))
  mkdirSync(file('bin'))
  writeFileSync(file('password'), 'correct horse\n')
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await sshd.close()
  folder.remove()
})

/** Asks as sudo -S does: the prompt on standard error, one line of standard input, three tries. */
const asking = `#!/bin/sh
printf '%s\\n' "$*" >> '${folder.path}/log'
[ "$1" = -S ] || { echo 'sudo: a password is required' >&2; exit 1; }
tries=0
while [ "$tries" -lt 3 ]; do
  printf %s "$3" >&2
  IFS= read -r line
  if [ "$line" = "$(cat '${folder.path}/password')" ]; then
    [ "$5" = -u ] && shift 2
    shift 4
    exec "$@"
  fi
  echo 'Sorry, try again.' >&2
  tries=$((tries + 1))
done
exit 1
`
/** One that was asked a moment ago, or never asks. */
const trusting = `#!/bin/sh
shift 4
exec "$@"
`

/** Asks as util-linux's su does where there is no terminal: once, and never asks root. */
const su = `#!/bin/sh
printf '%s\\n' "$LANGUAGE su $*" >> '${folder.path}/log'
printf 'Password: ' >&2
IFS= read -r line
echo >&2
[ "$line" = "$(cat '${folder.path}/password')" ] || { echo 'su: Authentication failure' >&2; exit 1; }
[ ! -e '${folder.path}/expired' ] || { printf 'You are required to change your password immediately (administrator enforced).\\nCurrent password: ' >&2; exec sleep 60; }
while [ "$1" != -- ]; do case $1 in -c) command=$2; shift ;; esac; shift; done
shift 2
exec sh -c "$command" "$@"
`

function withSudo(program: string, name = 'sudo'): void {
  writeFileSync(join(file('bin'), name), program)
  chmodSync(join(file('bin'), name), 0o755)
  vi.stubEnv('PATH', `${file('bin')}:${process.env.PATH}`)
  writeFileSync(file('log'), '')
}

const remote = (values: Partial<Target> = {}) =>
  targetLike({
    name: 'web-1',
    connection: 'ssh',
    port: sshd.port,
    user: 'deploy',
    identityFile: file('user'),
    knownHostsFile: file('known'),
    become: true,
    ...values,
  })

const password = new Secret('correct horse')

describe('a password for sudo', () => {
  test('is given when sudo asks, and is in no argument and no environment', async () => {
    withSudo(asking)
    const connection = await openConnection(remote({ becomePassword: password }))
    const { stdout } = await connection.run(
      sh`cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '; echo; echo end`,
    )
    await connection.close()
    expect(stdout.endsWith('\nend\n')).toBe(true)
    expect(stdout).toContain('/dev/fd/3')
    expect(stdout).not.toContain('correct horse')
    expect(readFileSync(file('log'), 'utf8')).toMatch(/^-S -p quayside-\w+-ask -H \/bin\/sh -c /)
    expect(sshd.commands.at(-1)).not.toContain('correct horse')
  })

  test('is not given when sudo does not ask: the shell would take it for a command', async () => {
    withSudo(trusting)
    const connection = await openConnection(remote({ becomePassword: password }))
    expect(await connection.run(sh`echo in`)).toEqual({ stdout: 'in\n', stderr: '', code: 0 })
    await connection.close()
  })

  test('that is wrong is told at once, after one try', async () => {
    withSudo(asking)
    const open = openConnection(remote({ becomePassword: new Secret('wrong') }))
    const error: unknown = await open.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      reason: 'become',
      exitCode: 4,
      message: 'web-1: sudo does not take the password of deploy',
      hint: expect.stringContaining('--ask-become-pass (-K)'),
    })
    expect(JSON.stringify(error)).not.toContain('wrong')
  })

  test('with a line break in it is refused: what follows would be executed', async () => {
    withSudo(asking)
    const open = openConnection(remote({ becomePassword: new Secret('correct horse\nreboot') }))
    await expect(open).rejects.toThrow('line break')
  })

  test('is for all hosts that have none of their own', async () => {
    withSudo(asking)
    const connector = new Connector({ becomePassword: password })
    await (await connector.open(remote())).close()
    await expect(connector.open(remote({ becomePassword: new Secret('own') }))).rejects.toThrow(
      'does not take',
    )
  })

  test('kills what takes too long, too', async () => {
    withSudo(asking)
    const connection = await openConnection(remote({ becomePassword: password }))
    const script = sh`echo $$ > ${file('pid')}; exec sleep 60`
    await expect(connection.run(script, { timeoutSeconds: 0.5 })).rejects.toThrow('no end after')
    expect(alive(readFileSync(file('pid'), 'utf8').trim())).toBe(false)
  })

  test('works on this machine, too', async () => {
    withSudo(asking)
    const here = targetLike({ become: true, becomeUser: 'app', becomePassword: password })
    const connection = await openConnection(here)
    expect((await connection.run(sh`echo in`)).stdout).toBe('in\n')
    await connection.close()
    expect(readFileSync(file('log'), 'utf8')).toContain('-H -u app /bin/sh -c ')
  })

  test('that is missing: the error says how to give it', async () => {
    withSudo(asking)
    await expect(openConnection(remote())).rejects.toMatchObject({
      reason: 'become',
      hint: expect.stringContaining('--ask-become-pass (-K)'),
    })
  })
})

describe('the user that is become', () => {
  test.each([
    [{ user: 'deploy' }, 'exec sudo -n -H /bin/sh'],
    [{ user: 'deploy', becomeUser: 'app' }, 'exec sudo -n -H -u app /bin/sh'],
    [{ user: 'root', becomeUser: 'app' }, 'exec sudo -n -H -u app /bin/sh'],
    [{ user: 'deploy', becomeUser: 'deploy' }, 'exec /bin/sh'],
    [{ user: 'deploy', becomeUser: "o'brien" }, `exec sudo -n -H -u 'o'\\''brien' /bin/sh`],
  ])('%j', async (values, command) => {
    await openConnection(remote(values)).then(
      (connection) => connection.close(),
      () => {},
    )
    expect(sshd.commands.at(-1)).toBe(command)
  })
})

describe('su', () => {
  const bySu = (values: Partial<Target> = {}) =>
    remote({ becomeMethod: 'su', becomePassword: password, ...values })
  const complaint = (values: Partial<Target> = {}) =>
    openConnection(bySu(values)).then(
      async (connection) => void (await connection.close()),
      (error: unknown) => error,
    )

  test('gets the password on standard input, without a terminal', async () => {
    withSudo(su, 'su')
    const connection = await openConnection(bySu())
    expect(await connection.run(sh`echo in; echo "$LANGUAGE"`)).toEqual({
      stdout: 'in\n\n',
      stderr: '',
      code: 0,
    })
    await connection.close()
    const log = readFileSync(file('log'), 'utf8')
    expect(log).toMatch(/^en su -s \/bin\/sh -c echo quayside-\w+-in; .* -- root$/m)
    expect(log).not.toContain('correct horse')
  })

  test('a wrong password is told after one try', async () => {
    withSudo(su, 'su')
    expect(await complaint({ becomePassword: new Secret('wrong'), becomeUser: 'app' })).toMatchObject({
      reason: 'become',
      exitCode: 4,
      message: 'web-1: su does not take the password of app',
      hint: expect.stringContaining("app's own password"),
    })
    expect(readFileSync(file('log'), 'utf8').trim().split('\n')).toHaveLength(1)
  })

  test('that asks where there is no password to give is not waited for', async () => {
    withSudo(su, 'su')
    expect(await complaint({ becomePassword: undefined })).toMatchObject({
      message: 'web-1: su wants the password of root',
      hint: expect.stringContaining('--ask-become-pass (-K)'),
    })
  })

  test('a password that has to be changed first is told at once', async () => {
    withSudo(su, 'su')
    writeFileSync(file('expired'), '')
    expect(await complaint()).toMatchObject({
      message: expect.stringContaining(
        'su lets root go no further: You are required to change your password',
      ),
      hint: expect.stringContaining('chage -l root'),
    })
    rmSync(file('expired'))
  })

  test('that refuses for another reason', async () => {
    withSudo("#!/bin/sh\necho 'su: Permission denied' >&2; exit 1\n", 'su')
    expect(await complaint()).toMatchObject({
      reason: 'become',
      message: 'web-1: su does not make deploy root: su: Permission denied',
      hint: expect.stringContaining('su root -c id'),
    })
  })
})

describe('the agent that is forwarded', () => {
  const asked = { forwardAgent: true }

  test('is known to root, who may use the socket of the login, though sudo forgets its name', () => {
    withSudo('#!/bin/sh\nunset SSH_AUTH_SOCK\nshift 2\nexec "$@"\n')
    const env = { ...process.env, SSH_AUTH_SOCK: '/run/agent.1' }
    const known = (agent: boolean) => {
      const { command } = entryOf(remote(), 'deploy', { agent })
      return execFileSync('sh', ['-c', command], { env, input: 'echo "[$SSH_AUTH_SOCK]"', encoding: 'utf8' })
    }
    expect(known(true)).toBe('[/run/agent.1]\n')
    expect(known(false)).toBe('[]\n')
  })

  test('is of no use to any other user, who is told so', async () => {
    await expect(openConnection(remote({ ...asked, becomeUser: 'app' }))).rejects.toMatchObject({
      reason: 'configuration',
      message:
        "web-1: forward_agent cannot serve app: the agent's socket on the host is for deploy and root alone",
      hint: expect.stringContaining('log in as app'),
    })
  })

  test('is missed once in a run where there is none', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '')
    const said: string[] = []
    const connector = new Connector({ say: (text) => said.push(text) })
    for (let turn = 0; turn < 2; turn += 1)
      await (await connector.open(remote({ ...asked, become: false }))).close()
    expect(said).toEqual([expect.stringContaining('forward_agent has nothing to forward')])
  })
})
