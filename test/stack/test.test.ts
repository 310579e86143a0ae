import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checks } from '../../stack/checks/index.ts'
import { tiers } from '../../stack/checks/tiers.ts'
import { commandLine } from '../command-line.ts'
import { inside } from './container.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const listed = (words: string) => execFileSync('docker', words.split(' '), { encoding: 'utf8' }).trim()
const left = () =>
  [
    listed('ps -a --filter name=agentlab-test- --format {{.Names}}'),
    listed('volume ls --filter name=agentlab-test- --format {{.Name}}'),
    listed('network ls --filter name=agentlab-test- --format {{.Name}}'),
    listed('image ls --format {{.Repository}}:{{.Tag}} agentlab/*'),
  ]
    .join('\n')
    .split('\n')
    .filter((line) => line.includes('agentlab-test-'))

test('two side by side pass every check and run a command of one’s own, whose failure is the run’s; nothing is left', async () => {
  const script = 'fetch(process.env.STACK_URL+"/api/version").then(a=>console.log("mine",a.status))'
  const [good, failing] = await Promise.all([
    commandLine(`playbooks/test.ts --standins -- node -e ${script.replaceAll(' ', '')}`),
    commandLine('playbooks/test.ts --standins -- false'),
  ])
  for (const { stderr, stdout } of [good, failing]) {
    console.log(stdout, stderr)
    for (const { name } of checks) expect(stdout).toMatch(new RegExp(`^ok +${name} `, 'm'))
  }
  expect(good.code).toBe(0)
  expect(good.stdout).toContain('mine 200')
  expect(failing.code).toBe(1)
  expect(left()).toEqual([])
}, 900_000)

describe('a stack that is kept', () => {
  test('fails the check of the tiers when web is put onto the network of the database; Ctrl-C takes it away', async () => {
    const child = spawn(
      join(root, 'zx'),
      ['playbooks/test.ts', '--standins', '--only', 'cache', '--', 'sleep', '600'],
      {
        cwd: root,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    let text = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk
        if (/^ok +cache/m.test(text)) resolve()
      })
      child.once('close', () => reject(new Error(`it ended before the command ran:\n${text}`)))
    })
    const [web = ''] = listed('ps --filter name=agentlab-test- --format {{.Names}}')
      .split('\n')
      .filter((line) => line.includes('-web-'))
    const name = web.replace(/-web-1$/, '')
    const at = {
      ask: () => Promise.reject(new Error('not asked')),
      inside: (service: string, words: readonly string[]) => inside(`${name}-${service}-1`, ...words),
    }
    expect(await tiers.run(at)).toContain('no more')
    listed(`network connect ${name}_database ${web}`)
    await expect(tiers.run(at)).rejects.toThrow('web reaches postgres, web reaches redis')
    process.kill(-(child.pid as number), 'SIGINT')
    expect(await ended).toBe(130)
    expect(left()).toEqual([])
  }, 600_000)
})
