import { afterAll, beforeAll, expect, test } from 'vitest'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab, type Outcome } from './playbook.ts'
import { deriveRelease } from './release.ts'

const edges = ['edge-1', 'edge-2']
let next: string

beforeAll(async () => {
  next = await deriveRelease(await liveRelease(), `interrupted-${Date.now()}`)
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

test('two deploys at once: the second is refused; Ctrl-C to the first: the old release serves, and the lock is free', async () => {
  const serving = await liveRelease()
  let begin: (() => void) | undefined
  const second = new Promise<Outcome>((resolve, reject) => {
    begin = () => inLab('deploy', ['--release', serving]).then(resolve, reject)
  })
  // The first has the lock, and starts containers, until the second has ended.
  const first = inLab('deploy', ['--release', next], {
    onOutput: (text) => {
      if (!text.includes('migrate api')) return
      begin?.()
      begin = undefined
    },
    signal: { name: 'SIGINT', after: second },
  })
  const [refused, stopped] = await Promise.all([second, first])
  expect(refused.code, refused.output).toBe(1)
  expect(refused.stderr).toMatch(/edge-1: locked: \S+@\S+ runs deploy since 20\d\d-/)
  expect(stopped.code, stopped.output).toBe(130)
  expect(stopped.stderr).toContain('interrupted: stopping after what runs now')
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
