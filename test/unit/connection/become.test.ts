import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
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

function withSudo(program: string): void {
  writeFileSync(join(file('bin'), 'sudo'), program)
  chmodSync(join(file('bin'), 'sudo'), 0o755)
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
