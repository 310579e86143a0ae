import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  apiOptions,
  bench,
  buildDev,
  edit,
  logsOf,
  mounted,
  setUp,
  start,
  tearDown,
  there,
} from '../stack/images/bench.ts'

let api: string
let image: string
beforeAll(async () => {
  await setUp()
  image = await buildDev('api')
  api = await start('api', `${apiOptions} ${mounted('api')}`, image)
})
afterAll(tearDown)

test('a debugger attaches, follows to the process that serves, and stops it: before a reload and after', async () => {
  const attach = readFileSync(new URL('../lab/fixtures/attach.py', import.meta.url), 'utf8')
  const debug = () =>
    there(`docker run -i --rm --network ${bench} ${mounted('api')} ${image} python -I - api`, attach)
  const stopped = 'stopped in health at line 0 from the breakpoint\nwent on: {"status":"ok"}'
  expect(await debug()).toBe(stopped)
  await edit('api/app/health.py', '"status": "ok"', '"status": "ok" ', `http://${api}:8000/api/health`, 'ok')
  await expect.poll(() => logsOf('api'), { timeout: 10_000 }).toMatch(/starting anew(?![\s\S]*starting anew)/)
  expect(await debug()).toBe(stopped)
})
