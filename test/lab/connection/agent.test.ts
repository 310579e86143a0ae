import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Connection, Target } from '../../../lib/connection/index.ts'
import { openConnection } from '../../../lib/connection/index.ts'
import { state } from '../../../lib/lab/state.ts'
import { gitCheckout, packages } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { converge, look } from '../converge.ts'
import { labTarget, onHost } from '../lab-host.ts'

const here = '/srv/quayside-agent'
/** deploy's own login on edge-1, as edge-2 reaches it over the lab's inner network */
const repo = `ssh://deploy@10.213.77.11${here}/repo.git`
const folder = mkdtempSync(join(tmpdir(), 'quayside-lab-agent-'))
const socket = join(folder, 'agent')
const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })

beforeAll(async () => {
  while (!existsSync(socket)) await sleep(20)
  execFileSync('ssh-add', ['-q', state.key], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
  await Promise.all(
    ['edge-1', 'edge-2'].map(async (name) => {
      const host = await openConnection(labTarget(name))
      if ((await look(host, packages(['git']))).kind === 'change') await converge(host, packages(['git']))
      await host.close()
    }),
  )
  const keys = await onHost(
    'edge-1',
    `rm -rf ${here}; install -d -o deploy ${here}; cd ${here}
su deploy -c 'git init -q --bare repo.git; git clone -q repo.git work 2>/dev/null; cd work; echo hello >file; git add file
  git -c user.name=t -c user.email=t@quayside.test commit -qm first; git push -q origin HEAD:main'
cat /etc/ssh/ssh_host_*_key.pub`,
  )
  const known = keys.replace(/^(?=\S)/gm, '10.213.77.11 ')
  await onHost('edge-2', `rm -rf ${here}; mkdir ${here}; cat >${here}/known_hosts <<'_'\n${known}_\n`)
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  agent.kill()
  rmSync(folder, { recursive: true })
  await Promise.all(['edge-1', 'edge-2'].map((name) => onHost(name, `rm -rf ${here}`)))
})

const checkout = (name: string, owner?: string) =>
  gitCheckout(`${here}/${name}`, {
    repo,
    version: 'main',
    knownHosts: `${here}/known_hosts`,
    ...(owner === undefined ? {} : { owner }),
  })

async function withHost(values: Partial<Target>, work: (host: Connection) => Promise<void>): Promise<void> {
  vi.stubEnv('SSH_AUTH_SOCK', socket)
  const host = await openConnection({ ...labTarget('edge-2'), ...values })
  try {
    await work(host)
  } finally {
    await host.close()
  }
}

test('root checks out from another host by a key that never left this machine', async () => {
  await withHost({ forwardAgent: true }, async (host) => {
    expect((await converge(host, checkout('root'))).summary).toMatch(/^clone ssh:.* at main/)
    const { stdout } = await host.run(
      sh`cat ${here}/root/file; stat -c '%U %a' "$(dirname "$SSH_AUTH_SOCK")"`,
    )
    expect(stdout).toBe('hello\ndeploy 700\n')
  })
})

test('nothing is forwarded unless asked for', async () => {
  await withHost({}, async (host) => {
    expect((await host.run(sh`echo "[$SSH_AUTH_SOCK]"`)).stdout).toBe('[]\n')
    expect((await look(host, checkout('none'))).kind).toBe('unknown')
  })
})

test('a checkout of another user is told that the agent is not for it', async () => {
  await withHost({ forwardAgent: true }, async (host) => {
    await expect(converge(host, checkout('owned', 'www-data'))).rejects.toThrow(
      'www-data cannot use the agent that is forwarded to the login',
    )
  })
  await expect(
    withHost({ forwardAgent: true, becomeUser: 'www-data' }, () => Promise.resolve()),
  ).rejects.toThrow("forward_agent cannot serve www-data: the agent's socket on the host is for deploy")
})
