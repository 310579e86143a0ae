import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitForFile, waitForHttp, waitForPort } from '../../../lib/resource/index.ts'
import { raw } from '../../../lib/script/index.ts'
import { converge, look } from '../../lab/converge.ts'
import { onThisMachine, table } from '../../unit/resource/observe.ts'

describe('what is seen becomes a plan', () => {
  table([
    { when: 'open', resource: waitForPort({ port: 5432 }), stdout: 'so=yes\n', plan: 'unchanged' },
    {
      when: 'closed',
      resource: waitForPort({ port: 5432, host: 'db-1', timeoutSeconds: 5 }),
      stdout: 'said=closed: Connection refused\n',
      plan: 'change: wait until db-1:5432 is open, 5 s at most (now: closed: Connection refused)',
    },
    {
      when: 'an IPv6 address that shall be closed',
      resource: waitForPort({ port: 80, host: '::1', state: 'closed' }),
      stdout: 'said=open\n',
      plan: 'change: wait until [::1]:80 is closed, 60 s at most (now: open)',
    },
    {
      when: 'no curl',
      resource: waitForHttp({ url: 'http://a/' }),
      stderr: 'curl is not there, which asks for the page: install curl\n',
      code: 3,
      plan: 'unknown: curl is not there, which asks for the page: install curl',
    },
    {
      when: 'another status',
      resource: waitForHttp({ url: 'http://a/', status: 204, bodyMatches: 'ok' }),
      stdout: 'said=HTTP 503\n',
      plan: 'change: wait until http://a/ answers 204 with ok, 60 s at most (now: HTTP 503)',
    },
    {
      when: 'a file that is not there',
      resource: waitForFile('/run/a', { timeoutSeconds: 1 }),
      stdout: 'said=not there\n',
      plan: 'change: wait until /run/a is there, 1 s at most (now: not there)',
    },
    {
      when: 'a file that shall go',
      resource: waitForFile('/run/a', { state: 'absent' }),
      stdout: 'so=yes\n',
      plan: 'unchanged',
    },
  ])

  test.each([
    [() => waitForPort({ port: 0 }), 'port must be a whole number'],
    [() => waitForPort({ port: 1, host: 'a b' }), 'host must match'],
    [() => waitForPort({ port: 1, timeoutSeconds: 0 }), 'timeoutSeconds must be'],
    [() => waitForHttp({ url: 'ftp://a' }), 'url must begin with http'],
    [() => waitForHttp({ url: 'https://me:hush@a/' }), 'must not hold a user or a password'],
    [() => waitForHttp({ url: 'http://a', status: 99 }), 'status must be'],
    [() => waitForFile('a'), 'path must be absolute'],
    [() => waitForFile('/a', { state: 'absent', matches: 'x' }), 'has no line that matches'],
  ])('row %# is refused', (make, message) => {
    expect(make).toThrow(message)
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()
  const servers: Server[] = []
  const port = { open: 0, closed: 0 }

  const listen = async (server: Server): Promise<number> => {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const stop = (server: Server) => new Promise((resolve) => server.close(resolve))

  beforeAll(async () => {
    port.open = await listen(createServer((socket) => socket.end()))
    const gone = createServer()
    port.closed = await listen(gone)
    await stop(gone)
  })
  afterAll(async () => {
    await Promise.all(servers.filter((server) => server.listening).map(stop))
  })

  test('a port that is as it shall be is unchanged at once', async () => {
    expect(await look(machine.shell, waitForPort({ port: port.open }))).toEqual({ kind: 'unchanged' })
    expect(await look(machine.shell, waitForPort({ port: port.closed, state: 'closed' }))).toEqual({
      kind: 'unchanged',
    })
    expect(await look(machine.shell, waitForPort({ port: port.open, state: 'closed' }))).toMatchObject({
      summary: expect.stringContaining('(now: open)'),
    })
  })

  test('a name that does not resolve is neither open nor closed', async () => {
    for (const state of ['open', 'closed'] as const) {
      const plan = await look(machine.shell, waitForPort({ port: 1, host: 'quayside.invalid', state }))
      expect(plan).toMatchObject({
        summary: expect.stringMatching(/now: unknown: .*(?:not known|resolution)/),
      })
    }
  })

  test('a port that opens meanwhile is waited for', async () => {
    const late = createServer((socket) => socket.end())
    servers.push(late)
    const opened = setTimeout(() => late.listen(port.closed, '127.0.0.1'), 700)
    const change = await converge(machine.shell, waitForPort({ port: port.closed, timeoutSeconds: 20 }))
    clearTimeout(opened)
    expect(change.summary).toMatch(/^wait until 127.0.0.1:\d+ is open, 20 s at most \(now: closed: .*refused/)
    await stop(late)
  })

  test('one that does not is given up, with the last failure', async () => {
    const wish = waitForPort({ port: port.closed, timeoutSeconds: 1 })
    await expect(converge(machine.shell, wish)).rejects.toThrow(
      /waited 1 s until 127\.0\.0\.1:\d+ is open, tried [12] times; the last time: closed: Connection refused/,
    )
  })

  test('a host without curl says what to install', async () => {
    const { probe } = waitForHttp({ url: 'http://127.0.0.1/' })
    const { stderr, code } = await machine.shell.run(raw(`PATH=/nonexistent\n${probe}`))
    expect([stderr, code]).toEqual(['curl is not there, which asks for the page: install curl\n', 3])
  })

  test('a file is waited for until it says so', async () => {
    const path = `${machine.folder}/it's a flag`
    const made = setTimeout(() => writeFile(path, 'a\nready now\n'), 500)
    await converge(machine.shell, waitForFile(path, { matches: '^ready', timeoutSeconds: 20 }))
    clearTimeout(made)
    expect(await look(machine.shell, waitForFile(path))).toEqual({ kind: 'unchanged' })
    expect(await look(machine.shell, waitForFile(path, { matches: '^never' }))).toMatchObject({
      summary: expect.stringContaining('(now: there, without a line that matches)'),
    })
    await expect(
      converge(machine.shell, waitForFile(path, { state: 'absent', timeoutSeconds: 1 })),
    ).rejects.toThrow(/is gone, tried \d times; the last time: there/)
  })
})
