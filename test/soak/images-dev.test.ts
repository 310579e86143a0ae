import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  apiOptions,
  ask,
  bench,
  buildDev,
  contextOf,
  edit,
  healthy,
  logsOf,
  mounted,
  setUp,
  start,
  stop,
  tearDown,
  there,
  webOptions,
  write,
} from '../stack/images/bench.ts'

// The development images as development runs them: sources mounted, edited while they run.
const built = { api: '', web: '' }

beforeAll(async () => {
  await setUp()
  for (const name of ['api', 'web'] as const) built[name] = await buildDev(name)
})
afterAll(tearDown)

describe('api', () => {
  let api: string
  beforeAll(async () => {
    api = await start('api', `${apiOptions} ${mounted('api')}`, built.api)
  })

  test('runs as a user that no host knows, on a filesystem that it cannot write', async () => {
    const said = await there(
      `docker exec ${bench}-api sh -c 'id -u; id -g; touch /srv/x 2>&1 || :; cat /proc/1/cmdline | tr "\\0" " "'`,
    )
    expect(said).toMatch(/^10001\n10001\n.*Read-only file system/)
  })

  test('what is saved is what answers, within a second or two; a client in between is not refused', async () => {
    const url = `http://${api}:8000/api/health`
    const busy = there(
      `for try in $(seq 100); do curl -s -o /dev/null -m 30 -w '%{http_code}\\n' ${url} || :; done | sort | uniq -c`,
    )
    const took: number[] = []
    // The quickest of some: whatever else this machine is busy with.
    for (const [from, to] of [
      ['ok', 'edited'],
      ['edited', 'again'],
      ['again', 'ok'],
    ])
      took.push(await edit('api/app/health.py', `"status": "${from}"`, `"status": "${to}"`, url, `"${to}"`))
    console.log(`api: an edit answers after ${took.join(', ')} ms`)
    expect(Math.min(...took)).toBeLessThan(2000)
    expect((await busy).trim()).toMatch(/^100 200$/)
  })

  test('a file that does not compile is told of, and its cure is enough', async () => {
    const path = 'api/app/echo.py'
    const good = readFileSync(`${contextOf('api')}/app/echo.py`, 'utf8')
    await write(path, `${good}\ndef broken(:\n`)
    await expect
      .poll(() => logsOf('api'), { timeout: 10_000 })
      .toMatch(/SyntaxError[\s\S]*waiting for a file/)
    await write(path, good)
    await healthy('api')
    await expect
      .poll(async () => (await ask(`http://${api}:8000/api/health`)).status, { timeout: 10_000 })
      .toBe(200)
  })

  // A whole session (attached, stopped, gone on) is tried in the soak layer: now and then debugpy itself hangs in one.
  test('a debugger is answered', async () => {
    const hello = `import socket
editor = socket.create_connection(("api", 5678), timeout=10)
print(editor.recv(1000).decode().splitlines()[0])`
    const words = `docker run -i --rm --network ${bench} ${mounted('api')} ${built.api} python -I -`
    expect(await there(words, hello)).toMatch(/^Content-Length: \d+$/m)
  })

  test('SIGTERM ends it well, at once', async () => {
    const { ms, code } = await stop('api')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(6000)
    expect(await logsOf('api')).toContain('"stopped"')
  })
})

describe('web', () => {
  let web: string
  beforeAll(async () => {
    web = await start('web', `${webOptions} ${mounted('web')}`, built.web)
  })

  test('what is saved is what answers, and open pages are told', async () => {
    expect((await ask(`http://${web}:3000/`)).status).toBe(200)
    // A browser's half of hot reload: the page that nginx would serve as https://localhost:8443 asks for the news.
    const listen = `const { WebSocket } = require('next/dist/compiled/ws')
const socket = new WebSocket('ws://127.0.0.1:3000/_next/webpack-hmr', { origin: 'https://localhost:8443' })
socket.on('message', (data) => console.log(String(data).slice(0, 200)))
socket.on('error', (error) => { console.log(error.message); process.exit(1) })
setTimeout(() => process.exit(0), 8000)`
    const news = there(`docker exec -i -w /srv ${bench}-web node -`, listen)
    await there('sleep 1')
    const took: number[] = []
    for (const [from, to] of [
      ['AgentLab', 'Edited'],
      ['Edited', 'Again'],
      ['Again', 'AgentLab'],
    ])
      took.push(
        await edit(
          'web/app/page.tsx',
          `<h1>${from}</h1>`,
          `<h1>${to}</h1>`,
          `http://${web}:3000/`,
          `<h1>${to}</h1>`,
        ),
      )
    console.log(`web: an edit answers after ${took.join(', ')} ms`)
    expect(Math.min(...took)).toBeLessThan(2000)
    expect(await news).toMatch(/"action":"(building|built|serverComponentChanges)"/)
  })

  test("node's inspector answers, and is the server's own", async () => {
    const { status, body } = await ask(`http://${web}:9229/json/list`)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject([{ title: 'server/dev.cjs', type: 'node' }])
  })

  test('each request is a line of JSON with its id, as in a release', async () => {
    const { status } = await ask(`http://${web}:3000/version`, 'GET', '', ['X-Request-Id: dev-1'])
    expect(status).toBe(200)
    expect(await logsOf('web')).toMatch(
      /"message":"request","requestId":"dev-1","method":"GET","path":"\/version"/,
    )
  })

  test('SIGTERM ends it well, at once', async () => {
    const { ms, code } = await stop('web')
    expect(code).toBe(0)
    expect(ms).toBeLessThan(6000)
  })
})
