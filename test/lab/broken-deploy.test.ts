import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab } from './playbook.ts'
import { deriveRelease } from './release.ts'

let before: string
const scratch = mkdtempSync(join(tmpdir(), 'quayside-'))

beforeAll(async () => {
  before = await liveRelease()
})

afterAll(() => rmSync(scratch, { recursive: true }))

/** A copy of the lab's inventory, to be edited. */
function inventoryOf(name: string): string {
  const copy = join(scratch, name)
  cpSync(fileURLToPath(new URL('../../inventory/lab', import.meta.url)), copy, { recursive: true })
  return copy
}

const brokenRelease = (tag: string, breakage: string) => deriveRelease(before, tag, breakage)

async function refused(args: readonly string[], why: RegExp): Promise<string> {
  const outcome = await inLab('deploy', args)
  expect(outcome.code, outcome.output).toBe(1)
  expect(outcome.output).toMatch(why)
  expect(outcome.output).not.toMatch(/\n\s+at .*\.ts:\d+/)
  expect(await liveRelease()).toBe(before)
  return outcome.output
}

describe('the old release serves everywhere, exit 1, and why, when', () => {
  test('a health check never succeeds: with the last lines of its log', async () => {
    const entry = `CMD ["python3", "-c", "import time; print('cannot open the harbour', flush=True); time.sleep(600)"]`
    const tag = await brokenRelease(
      'broken-health',
      `HEALTHCHECK --interval=1s --retries=2 CMD false\n${entry}\n`,
    )
    const impatient = inventoryOf('impatient')
    const apps = join(impatient, 'group_vars/all.yaml')
    writeFileSync(apps, readFileSync(apps, 'utf8').replace('start_seconds: 45', 'start_seconds: 10'))
    const output = await refused(['--release', tag, '--inventory', impatient], /is not healthy after/)
    expect(output).toContain('cannot open the harbour')
  })

  test('a check of health fails once it is served: the edges are switched back', async () => {
    // Well through nginx, which says how it was asked; by itself it does not know its release.
    const app = [
      'import http.server as h, os',
      'class A(h.BaseHTTPRequestHandler):',
      ' def do_GET(s):',
      "  ok='X-Forwarded-Proto' in s.headers or s.path=='/api/health'",
      "  s.send_response(200 if ok else 500); s.send_header('X-Release', os.environ['RELEASE']); s.end_headers()",
      "h.ThreadingHTTPServer(('',8000),A).serve_forever()",
    ].join('\\n')
    const tag = await brokenRelease(
      'broken-by-itself',
      `CMD ["python3", "-c", "exec('''${app.replaceAll('"', '\\"')}''')"]\n`,
    )
    const output = await refused(['--release', tag], /broken-by-itself is served, and is not well:/)
    expect(output).toMatch(/app-1: api query: api-(blue|green)-1 \/api\/version: 500/)
    expect(output).toMatch(/flipped edge-1, edge-2 to (blue|green)/)
    expect(output).toMatch(/all edges are back on (blue|green)/)
    expect(await onHost('edge-1', 'ls /var/lib/quayside/deploy/flip.json 2>/dev/null || :')).toBe('')
  })

  test('a release was never pushed', async () => {
    const outcome = await inLab('deploy', ['--release', 'never-built'])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toContain('npx zx playbooks/build.ts --env lab --release never-built')
    expect(await liveRelease()).toBe(before)
  })

  test('one edge has an nginx that rejects its configuration', async () => {
    const inventory = inventoryOf('rejected')
    mkdirSync(join(inventory, 'host_vars'), { recursive: true })
    writeFileSync(join(inventory, 'host_vars', 'edge-2.yaml'), 'nginx_extra: "no_such_directive on;"\n')
    const output = await refused(['--inventory', inventory], /unknown directive "no_such_directive"/)
    expect(output).toContain('edge-2')
  })
})
