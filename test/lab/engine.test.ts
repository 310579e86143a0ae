import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { bareInventory } from './fixtures/inventory.ts'
import { onHost } from './lab-host.ts'
import { inLab, type PlaybookOptions } from './playbook.ts'

const folder = '/srv/quayside-engine'
const inventory = bareInventory()
const scratch = mkdtempSync(join(tmpdir(), 'quayside-'))
const sweep = `rm -rf ${folder} /var/lib/quayside/debts/configured* /var/lib/quayside/jobs`

beforeEach(() => onHost('app-2', sweep))
afterAll(async () => {
  for (const each of [inventory, scratch]) rmSync(each, { recursive: true })
  await onHost('app-2', sweep)
})

const fixture = (name: string, vars: readonly string[] = [], options: PlaybookOptions = {}) =>
  inLab(
    `test/lab/fixtures/${name}.ts`,
    ['-vv', '--inventory', inventory, ...vars.flatMap((each) => ['--extra-vars', each])],
    options,
  )

describe('handlers survive', () => {
  test('a run killed between a change and its handler leaves a debt, status shows it, the next run pays', async () => {
    const killed = await fixture('handlers', ['engine_content=killed', 'engine_seconds=30'], {
      signal: { name: 'SIGKILL', after: 'applying command slow' },
    })
    expect(killed.code).toBe(137)
    expect(await onHost('app-2', `cat ${folder}/conf; ls ${folder}`)).toBe('killed\nconf\n')

    const status = await inLab('status')
    expect(status.stdout).toMatch(/^app-2 +configured\/take over$/m)

    const paid = await fixture('handlers', ['engine_content=killed', 'engine_seconds=0'])
    expect(paid.code, paid.output).toBe(0)
    expect(paid.stdout).toContain('handler configured/take over (owed by an earlier run)')
    expect(await onHost('app-2', `cat ${folder}/handled ${folder}/log`)).toBe('killed\ndone\n')
    expect((await inLab('status')).stdout).not.toContain('configured')
    expect((await fixture('handlers', ['engine_content=killed', 'engine_seconds=0'])).stdout).not.toContain(
      'handler configured',
    )
  })

  test('what a check refuses before it changes anything owes nothing', async () => {
    await fixture('handlers', ['engine_content=good', 'engine_seconds=0'])
    const refused = await fixture('handlers', ['engine_content=refused', 'engine_seconds=0'])
    expect(refused.code).toBe(1)
    expect(await onHost('app-2', `cat ${folder}/conf; ls -A /var/lib/quayside/debts`)).toBe('good\n')
    const next = await fixture('handlers', ['engine_content=good', 'engine_seconds=0'])
    expect(next.code, next.output).toBe(0)
    expect(next.stdout).not.toContain('handler configured')
  })

  test('killed at any moment, also in the handler: what was last changed is handled in the end', async () => {
    for (const delay of [500, 1100, 1900, 2600]) {
      const content = `content-${delay}`
      await fixture('handlers', [`engine_content=${content}`, 'engine_seconds=1'], {
        signal: { name: 'SIGKILL', after: '', delayMs: delay },
      })
      const { code, output } = await fixture('handlers', [`engine_content=${content}`, 'engine_seconds=0'])
      expect(code, output).toBe(0)
      expect(await onHost('app-2', `cat ${folder}/handled; ls -A /var/lib/quayside/debts`)).toBe(
        `${content}\n`,
      )
    }
  })
})

describe('detached work', () => {
  test('goes on without its run, and the next run waits for it instead of starting a second', async () => {
    const killed = await fixture('detached', [], {
      signal: { name: 'SIGKILL', after: 'applying command long work', delayMs: 1500 },
    })
    expect(killed.code).toBe(137)
    expect(await onHost('app-2', `cat ${folder}/job; ls ${folder}`)).toBe('begun\njob\n')
    const next = await fixture('detached')
    expect(next.code, next.output).toBe(0)
    expect(next.stdout).toMatch(/app-2 +changed +command long work/)
    expect(await onHost('app-2', `cat ${folder}/job; ls -A /var/lib/quayside/jobs`)).toBe('begun\n')
  })

  test('a connection cut off meanwhile is opened again', async () => {
    let cut: Promise<string> | undefined
    const { code, output } = await fixture('detached', [], {
      onOutput: (text) => {
        if (text.includes('applying command long work'))
          // Each login of deploy is a process of its own: the run's is cut off, and ours with it.
          cut ??= new Promise((resolve) => setTimeout(resolve, 2000)).then(() =>
            onHost('app-2', `(sleep 0.5; pkill -KILL -f 'sshd.*: deploy') >/dev/null 2>&1 </dev/null &`),
          )
      },
    })
    await cut
    expect(code, output).toBe(0)
    expect(output).toContain('connected again')
    expect(await onHost('app-2', `cat ${folder}/job`)).toBe('begun\n')
  })
})

describe('plans', () => {
  const only = ['--limit', 'db-1', '--tags', 'redis']
  const conf = '/etc/quayside/redis/redis.conf'

  test('a saved plan is refused where the host has drifted, and is else applied exactly', async () => {
    const path = join(scratch, 'plan.json')
    await onHost('db-1', `sed -i 's/^maxmemory .*/maxmemory 1mb/' ${conf}`)
    const made = await inLab('site', [...only, '--plan-out', path])
    expect(made.code, made.output).toBe(0)
    expect(made.stdout).toMatch(/db-1 +pending +file \/etc\/quayside\/redis\/redis\.conf/)
    expect(await onHost('db-1', `grep ^maxmemory' ' ${conf}`)).toBe('maxmemory 1mb\n')
    expect(readFileSync(path, 'utf8')).not.toContain('requirepass')

    await onHost('db-1', `sed -i 's/^maxmemory .*/maxmemory 2mb/' ${conf}`)
    const refused = await inLab('site', ['--plan', path])
    expect(refused.code, refused.output).toBe(1)
    expect(refused.stderr).toMatch(/db-1: file \/etc\/quayside\/redis\/redis\.conf: planned change/)
    expect(await onHost('db-1', `grep ^maxmemory' ' ${conf}`)).toBe('maxmemory 2mb\n')

    await onHost('db-1', `sed -i 's/^maxmemory .*/maxmemory 1mb/' ${conf}`)
    const applied = await inLab('site', ['--plan', path])
    expect(applied.code, applied.output).toBe(0)
    expect(applied.stdout).toMatch(/db-1 +changed +handler redis\/restart redis/)
    expect((await inLab('site', [...only, '--check', '--exit-code'])).code).toBe(0)
    expect((await inLab('site', ['--plan', path])).code).toBe(1)
  })
})

describe('Ctrl-C', () => {
  const slow = ['engine_content=interrupted', 'engine_seconds=4']

  test('once: what runs is let finish, nothing new is begun, and the recap says what was done', async () => {
    const { code, output, stdout } = await fixture('handlers', slow, {
      signal: { name: 'SIGINT', after: 'applying command slow' },
    })
    expect(code, output).toBe(130)
    expect(stdout).toMatch(/app-2 +changed +command slow/)
    expect(stdout).not.toMatch(/handler configured/)
    expect(stdout).toMatch(/^ +app-2 +0 +3 +0/m)
  })

  test('twice: it ends at once, and still says what was done', async () => {
    const { code, output, ms } = await fixture('handlers', ['engine_content=twice', 'engine_seconds=60'], {
      signal: { name: 'SIGINT', after: 'applying command slow', twice: true },
    })
    expect(code, output).toBe(130)
    expect(ms).toBeLessThan(40_000)
    expect(output).toMatch(/^ +app-2 +0 +2 +0/m)
  })
})
