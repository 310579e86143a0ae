import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { state } from '../../../lib/lab/state.ts'
import { labTarget, onHost } from '../lab-host.ts'
import { inventoryOf, marks, reach, saidOf } from './reached.ts'
import { atTerminal } from './terminal.ts'

const machine = 'app-2'
const words = {
  OPS_WORD: 'Tr0ub4dor ops',
  ROOT_WORD: "root's own & word",
  APP_WORD: 'app word',
  BAD_WORD: 'no',
}
const from = (word: keyof typeof words) => ({ become_password: { from_env: word } })
const folder = mkdtempSync(join(tmpdir(), 'quayside-lab-become-'))

const users = ['ops', 'plain', 'app', 'aged', 'late'].map((name) => `quayside-${name}`)

/** Every user logs in with the lab's key; only ops is in sudoers, and is asked for a password. */
const setUp = `set -e
cp -p /etc/shadow /root/shadow.before
for user in ${users.join(' ')}; do
  useradd --create-home --shell /bin/bash "$user"
  install -d -m 700 -o "$user" -g "$user" "/home/$user/.ssh"
  install -m 600 -o "$user" -g "$user" ~deploy/.ssh/authorized_keys "/home/$user/.ssh/authorized_keys"
done
chpasswd <<'_'
quayside-ops:${words.OPS_WORD}
quayside-plain:${words.OPS_WORD}
quayside-app:${words.APP_WORD}
quayside-aged:${words.APP_WORD}
quayside-late:${words.APP_WORD}
root:${words.ROOT_WORD}
_
chage -d 0 quayside-aged
chage -d 0 quayside-late
echo 'quayside-ops ALL=(ALL:ALL) ALL' >/etc/sudoers.d/quayside-ops
chmod 440 /etc/sudoers.d/quayside-ops
mkdir -p ${marks}; chmod 1777 ${marks}`

const tearDown = `rm -rf ${marks} /etc/sudoers.d/quayside-ops
if [ -e /root/shadow.before ]; then
  usermod -p "$(sed -n 's/^root:\\([^:]*\\):.*/\\1/p' /root/shadow.before)" root
  rm /root/shadow.before
fi
for user in ${users.join(' ')}; do
  pkill -KILL -u "$user" || :
  userdel --remove "$user" 2>/dev/null || :
done`

beforeAll(async () => {
  await onHost(machine, tearDown)
  await onHost(machine, setUp)
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await onHost(machine, tearDown)
})

const app = { become_user: 'quayside-app', reached_owner: 'quayside-app' }
const su = { become_method: 'su' }
/** A dozen logins at once, each with a password to be hashed, on a machine that may be busy. */
const all = { host: '127.0.0.1', port: labTarget(machine).port, user: 'quayside-ops', connect_timeout: 60 }

test('real sudo and su: who is let in becomes the user that is wanted, and all others are told why not', async () => {
  const since = (await onHost(machine, 'date +%s')).trim()
  const outcome = await reach(
    all,
    {
      'by-sudo': from('OPS_WORD'),
      'sudo-app': { ...from('OPS_WORD'), ...app },
      'by-su': { ...from('ROOT_WORD'), ...su },
      'su-app': { ...from('APP_WORD'), ...su, ...app },
      'not-asked': { ...from('BAD_WORD'), user: 'deploy' },
      wrong: from('BAD_WORD'),
      'su-wrong': { ...from('BAD_WORD'), ...su },
      'sudo-none': {},
      'su-none': su,
      'su-nobody': { ...from('APP_WORD'), ...su, become_user: 'quayside-nobody' },
      'su-aged': { ...from('APP_WORD'), ...su, become_user: 'quayside-aged' },
      plain: { ...from('OPS_WORD'), user: 'quayside-plain' },
      late: { ...from('APP_WORD'), user: 'quayside-late' },
    },
    ['-v'],
    { env: words },
  )
  expect(outcome.code, outcome.output).toBe(4)
  expect(await onHost(machine, `stat -c "%n %U" ${marks}/*`), outcome.output).toBe(
    [
      ['by-su', 'root'],
      ['by-sudo', 'root'],
      ['not-asked', 'root'],
      ['su-app', 'quayside-app'],
      ['sudo-app', 'quayside-app'],
    ]
      .map(([name, user]) => `${marks}/${name} ${user}\n`)
      .join(''),
  )
  const said = (host: string, ...parts: readonly string[]) => {
    for (const part of parts) expect(saidOf(outcome, host), outcome.output).toContain(part)
  }
  said('wrong', 'sudo does not take the password of quayside-ops', '--ask-become-pass (-K)')
  said('su-wrong', 'su does not take the password of root', "root's own password")
  said('sudo-none', 'sudo wants a password from quayside-ops', '--ask-become-pass (-K)')
  said('su-none', 'su wants the password of root', '--ask-become-pass (-K)')
  said('su-nobody', 'su does not make quayside-ops quayside-nobody', 'does not exist')
  said('su-aged', 'su lets quayside-aged go no further', 'chage -l quayside-aged')
  said('plain', 'quayside-plain may not use sudo')
  said('late', 'quayside-late', 'chage -l quayside-late')
  for (const word of Object.values(words).filter((each) => each.length > 4))
    expect(outcome.output).not.toContain(word)
  // One try each, also as the host counts them.
  const log = await onHost(machine, `journalctl --no-pager --since @${since} _COMM=sudo _COMM=su || :`)
  expect(log.match(/quayside-ops : \d+ incorrect password attempt/g)).toEqual([
    'quayside-ops : 1 incorrect password attempt',
  ])
  // … and once where there was nothing to answer it with.
  expect(log.match(/FAILED SU \(to root\) quayside-ops/g)).toHaveLength(2)
})

test('on a terminal the passphrase of a key and the become password are asked for, and never shown', async () => {
  const key = join(folder, 'encrypted')
  copyFileSync(state.key, key)
  execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', key], { stdio: 'ignore' })
  const dir = inventoryOf({ ...all, identity_file: key }, { asked: {}, 'asked-too': {} })
  try {
    const run = ['test/lab/fixtures/reached.ts', '--env', 'lab', '--inventory', dir, '-K']
    const { code, screen } = await atTerminal(run, [
      ['become password: ', words.OPS_WORD],
      [`passphrase of ${key}: `, 'close sesame'],
      ['that is not it; passphrase of', 'open sesame'],
    ])
    expect(code, screen).toBe(0)
    expect(screen).not.toMatch(/sesame|Tr0ub4dor/)
    expect(screen.split('passphrase of')).toHaveLength(3)
    expect(await onHost(machine, `stat -c %U ${marks}/asked ${marks}/asked-too`)).toBe('root\nroot\n')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
