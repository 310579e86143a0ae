import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab } from './playbook.ts'
import { deriveRelease } from './release.ts'

const edges = ['edge-1', 'edge-2']
let before: string
let other: string
let next: string

beforeAll(async () => {
  await inLab('deploy')
  before = await liveRelease()
  other = await deriveRelease(before, `interrupted-${Date.now()}`)
})

/** Releases take turns: each test deploys the one that does not serve. */
beforeEach(async () => {
  next = (await liveRelease()) === before ? other : before
})

afterAll(async () => {
  const { code, output } = await inLab('deploy')
  expect(code, output).toBe(0)
})

const coloursServed = () =>
  Promise.all(
    edges.map((name) => onHost(name, '[ -f /etc/quayside/nginx/switch/green ] && echo green || echo blue')),
  )
const journals = () =>
  Promise.all(edges.map((name) => onHost(name, 'ls /var/lib/quayside/deploy/flip.json 2>/dev/null || :')))

test('two deploys at once: the second is told who holds the lock, and changes nothing', async () => {
  let second: ReturnType<typeof inLab> | undefined
  const first = await inLab('deploy', ['--release', next], {
    onOutput: (text) => {
      if (text.includes('migrate api')) second ??= inLab('deploy', ['--release', before])
    },
  })
  const refused = await second
  expect(refused?.code, refused?.output).toBe(1)
  expect(refused?.stderr).toMatch(/edge-1: locked: \S+@\S+ runs deploy since 20\d\d-/)
  expect(first.code, first.output).toBe(0)
  expect(await liveRelease()).toBe(next)
})

test('Ctrl-C once: what runs is let finish, the old release serves, and the lock is free', async () => {
  const serving = await liveRelease()
  const { code, stderr, output } = await inLab('deploy', ['--release', next], {
    signal: { name: 'SIGINT', after: 'migrate api' },
  })
  expect(code, output).toBe(130)
  expect(stderr).toContain('interrupted: stopping after what runs now')
  expect(await liveRelease()).toBe(serving)
  const again = await inLab('deploy', ['--release', next])
  expect(again.code, again.output).toBe(0)
  expect(await liveRelease()).toBe(next)
})

// A deploy that is killed, at each of its steps: test/soak.
test('a flip that died between two edges is undone by the next run, before it does anything else', async () => {
  const serving = await liveRelease()
  const [from] = await coloursServed()
  const to = from?.trim() === 'green' ? 'blue' : 'green'
  const journal = JSON.stringify({ from: from?.trim(), to, release: 'half-made' })
  for (const name of edges) await onHost(name, `echo '${journal}' > /var/lib/quayside/deploy/flip.json`)
  const swap = to === 'green' ? ': > /etc/quayside/nginx/switch/green' : 'rm /etc/quayside/nginx/switch/green'
  await onHost('edge-1', swap)
  expect(new Set(await coloursServed()).size).toBe(2)

  const { code, stdout, output } = await inLab('deploy', ['--release', serving])
  expect(code, output).toBe(0)
  expect(stdout).toContain('an earlier run died while flipping to half-made: undoing it')
  expect(await liveRelease()).toBe(serving)
  expect(await journals()).toEqual(['', ''])
})
