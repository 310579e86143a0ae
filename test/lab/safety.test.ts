import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { stateDir } from '../../lib/state.ts'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab, type Outcome, playbook } from './playbook.ts'
import { watchedBy, watchProcesses } from './watch-processes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quayside-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function inventoryCopy(name: string): string {
  const copy = join(scratch, name)
  cpSync(fileURLToPath(new URL('../../inventory/lab', import.meta.url)), copy, { recursive: true })
  return copy
}

describe('refused before any host is touched', () => {
  test('a misspelt variable: with its line, and the nearest name', async () => {
    const inventory = inventoryCopy('misspelt')
    appendFileSync(join(inventory, 'group_vars', 'all.yaml'), '\nredis_maxmemroy_mb: 100\n')
    const { code, stderr, stdout } = await inLab('site', ['--inventory', inventory])
    expect(code).toBe(2)
    expect(stderr).toMatch(/all\.yaml:\d+:1: .*redis_maxmemroy_mb/)
    expect(stderr).toContain('redis_maxmemory_mb')
    expect(stdout).toBe('')
  })

  test.each(['staging', 'production'])('%s as it comes: it says which lines to edit', async (env) => {
    const { code, stderr } = await playbook('site', ['--env', env])
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`inventory/${env}/hosts\\.yaml:\\d+`))
    expect(stderr).toContain('example.com')
  })

  test.each([
    [['--evn', 'lab'], 'did you mean --env?'],
    [[], '--env lab'],
    [['--env', 'labb'], 'lab'],
    [['--env', 'lab', 'extra'], 'what is "extra"?'],
    [['--env', 'lab', '--forks', 'many'], '--forks takes a whole number'],
  ])('%j', async (args, said) => {
    const { code, stderr } = await playbook('site', args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })
})

test('a changed host key is refused, and the other hosts go on', async () => {
  const inventory = inventoryCopy('changed-key')
  const known = readFileSync(join(stateDir('lab'), 'known_hosts'), 'utf8').split('\n')
  const keyOf = (port: number) => known.filter((line) => line.startsWith(`[127.0.0.1]:${port} `))
  const [edge, app] = [keyOf(22011), keyOf(22021)]
  const swapped = known.map((line) => {
    const at = edge.indexOf(line)
    return at < 0 ? line : `[127.0.0.1]:22011 ${app[at]?.split(' ').slice(1).join(' ')}`
  })
  const file = join(scratch, 'known_hosts')
  writeFileSync(file, swapped.join('\n'))
  writeVariable(join(inventory, 'group_vars', 'all.yaml'), 'known_hosts_file', file)
  const { code, stdout } = await inLab('site', ['--check', '--inventory', inventory])
  expect(code, stdout).toBe(4)
  expect(stdout).toMatch(/edge-1 +unreachable .*host key/)
  expect(stdout).toContain(`ssh-keygen -R '[127.0.0.1]:22011'`)
  expect(stdout).toMatch(/^ +app-1 .* ok$/m)
  expect(stdout).toMatch(/^ +edge-1 .* unreachable$/m)
})

test('a host that is down is named, the others go on; a deploy does not begin without it', async () => {
  const inventory = inventoryCopy('down')
  const hostsFile = join(inventory, 'hosts.yaml')
  writeFileSync(hostsFile, readFileSync(hostsFile, 'utf8').replace('port: 22022', 'port: 22999'))
  const site = await inLab('site', ['--inventory', inventory])
  expect(site.code, site.output).toBe(4)
  expect(site.stdout).toMatch(/app-2 +unreachable .*22999/)
  expect(site.stdout).toMatch(/hint: /)
  expect(site.stdout).toMatch(/^ +edge-1 .* ok$/m)

  const before = await liveRelease()
  const deploy = await inLab('deploy', ['--inventory', inventory])
  expect(deploy.code, deploy.output).toBe(4)
  expect(deploy.stderr).toContain('the hosts are not ready for a deploy: app-2 (unreachable)')
  expect(await liveRelease()).toBe(before)
})

test('no secret appears in any output, in ps on either side, or in a world-readable file', async () => {
  const folder = join(stateDir('lab'), 'secrets')
  const secrets = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim())
  expect(secrets.length).toBeGreaterThan(1)

  // Everything is written anew while ps is watched, on the hosts and here.
  const pattern = secrets.join('|')
  const watch = '/root/quayside-watch'
  const watched = ['db-1', 'app-1', 'edge-1']
  const watching = watchProcesses(watch, { texts: secrets, files: ['cmdline'] }).reveal()
  await Promise.all(watched.map((name) => onHost(name, watching)))
  await onHost(
    'db-1',
    'rm -rf /etc/quayside/redis/redis.conf; find /etc/quayside/postgres -type f -name "*password*" -delete',
  )
  const local: string[] = []
  let underWay = true
  const here = (async () => {
    while (underWay) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        local.push(commandLine(pid))
      await sleep(50)
    }
  })()
  const runs: Outcome[] = [
    await inLab('site', ['--diff', '-vvv']),
    await inLab('deploy', ['--diff', '-vvv']),
    await inLab('status', ['-vvv']),
  ]
  underWay = false
  await here
  for (const { code, output } of runs) {
    expect(code, output).toBe(0)
    for (const secret of secrets) expect(output.includes(secret)).toBe(false)
  }
  for (const secret of secrets) expect(local.some((line) => line.includes(secret))).toBe(false)
  for (const name of watched) {
    const [looks, ...hits] = (await onHost(name, `${watchedBy(watch).reveal()}\nrm -rf ${watch}`))
      .trim()
      .split('\n')
    expect(Number(looks)).toBeGreaterThan(30)
    expect(hits).toEqual([])
  }
  for (const { name } of hosts) {
    const readable = `grep -rlE '${pattern}' /etc /root /tmp /run /var/lib/quayside /var/log 2>/dev/null | while read -r f; do find "$f" -perm /o+r; done`
    expect(await onHost(name, readable), name).toBe('')
    const inspected = `docker inspect $(docker ps -aq) 2>/dev/null | grep -cE '${pattern}' || :`
    expect((await onHost(name, inspected)).trim(), name).toBe('0')
  }
})

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function writeVariable(file: string, name: string, value: string): void {
  const kept = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith(`${name}:`))
  writeFileSync(file, `${kept.join('\n')}\n${name}: ${value}\n`)
}
