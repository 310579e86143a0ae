import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { state } from '../../../lib/lab/state.ts'
import { labTarget, onHost } from '../lab-host.ts'
import { marks, reach, saidOf } from './reached.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-lab-jump-'))
const file = (name: string) => join(folder, name)
/** app-1 as edge-1 reaches it, over the lab's inner network; its port on this machine's loopback is not used. */
const inner = '10.213.77.21'
const hop = `deploy@127.0.0.1:${labTarget('edge-1').port}`

beforeAll(async () => {
  await onHost('app-1', `mkdir -p ${marks}; chmod 1777 ${marks}`)
  const lines = readFileSync(state.knownHosts, 'utf8').split('\n')
  const keysOf = (name: string) =>
    lines
      .filter((line) => line.startsWith(`[127.0.0.1]:${labTarget(name).port} `))
      .map((line) => line.slice(line.indexOf(' ') + 1))
  const known = (host: string, keys: readonly string[]) => keys.map((key) => `${host} ${key}\n`).join('')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file('stranger')])
  const stranger = [readFileSync(file('stranger.pub'), 'utf8').trim()]
  const edge = `[127.0.0.1]:${labTarget('edge-1').port}`
  writeFileSync(file('known'), known(edge, keysOf('edge-1')) + known(inner, keysOf('app-1')))
  writeFileSync(file('hop-changed'), known(edge, stranger) + known(inner, keysOf('app-1')))
  writeFileSync(file('host-changed'), known(edge, keysOf('edge-1')) + known(inner, stranger))
  writeFileSync(
    file('config'),
    `Host inside
  HostName ${inner}
  ProxyJump bastion
Host bastion
  HostName 127.0.0.1
  Port ${labTarget('edge-1').port}
  User deploy
`,
  )
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all(['app-1', 'edge-1'].map((name) => onHost(name, `rm -rf ${marks}`)))
})

test('hosts behind a real jump host: reached, or told which of the two stands in the way', async () => {
  const all = { host: inner, known_hosts_file: file('known'), connect_timeout: 5 }
  const outcome = await reach(
    all,
    {
      through: {
        jump: hop,
        become: false,
        reached_owner: 'deploy',
        reached_script: 'echo "$SSH_CONNECTION" | cut -d" " -f1 >$folder/from',
      },
      again: { jump: hop },
      'by-name': { jump: 'the-edge' },
      'the-edge': { host: '127.0.0.1', port: labTarget('edge-1').port },
      configured: { host: 'inside', ssh_config: file('config') },
      'hop-changed': { jump: hop, known_hosts_file: file('hop-changed') },
      'host-changed': { jump: hop, known_hosts_file: file('host-changed') },
      'hop-down': { jump: 'deploy@127.0.0.1:1' },
      'host-down': { jump: hop, host: inner, port: 1 },
      'host-away': { jump: hop, host: '10.213.77.99' },
    },
    ['-v'],
  )
  expect(outcome.code, outcome.output).toBe(4)
  expect(await onHost('app-1', `ls ${marks}; cat ${marks}/through/from`), outcome.output).toBe(
    'again\nby-name\nconfigured\nthrough\n10.213.77.11\n',
  )
  const said = (host: string, ...parts: readonly (string | RegExp)[]) => {
    for (const part of parts) expect(saidOf(outcome, host), outcome.output).toMatch(part)
  }
  const port = labTarget('edge-1').port
  said('hop-changed', `jump host ${hop}: the host key of 127.0.0.1 port ${port} has changed`, 'ssh-keygen -R')
  said('host-changed', `unreachable the host key of ${inner} port 22 has changed`)
  said('hop-down', 'jump host deploy@127.0.0.1:1: 127.0.0.1 port 1 refused the connection')
  said('host-down', `jump host ${hop} cannot connect to ${inner} port 1: Connection refused`)
  said('host-away', '10.213.77.99 port 22', hop)
})
