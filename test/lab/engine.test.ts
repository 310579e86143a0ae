import { rmSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { bareInventory } from './fixtures/inventory.ts'
import { onHost } from './lab-host.ts'
import { inLab, type PlaybookOptions } from './playbook.ts'

const folder = '/srv/quayside-engine'
const inventory = bareInventory()
const sweep = `rm -rf ${folder} /var/lib/quayside/debts/configured* /var/lib/quayside/jobs`

beforeEach(() => onHost('app-2', sweep))
afterAll(async () => {
  rmSync(inventory, { recursive: true })
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

describe('Ctrl-C', () => {
  test('twice: it ends at once, and still says what was done', async () => {
    const { code, output, ms } = await fixture('handlers', ['engine_content=twice', 'engine_seconds=60'], {
      signal: { name: 'SIGINT', after: 'applying command slow', twice: true },
    })
    expect(code, output).toBe(130)
    expect(ms).toBeLessThan(40_000)
    expect(output).toMatch(/^ +app-2 +0 +2 +0/m)
  })
})
