import { beforeAll, expect, test } from 'vitest'
import { onHost } from '../lab/lab-host.ts'
import { liveRelease } from '../lab/live.ts'
import { inLab } from '../lab/playbook.ts'
import { deriveRelease } from '../lab/release.ts'

// What else a deploy may meet is in test/lab/broken-deploy.test.ts: what every change must pass.

let before: string

beforeAll(async () => {
  before = await liveRelease()
})

test('the smoke test fails through the preview listener: the old release serves everywhere', async () => {
  const app = [
    'import http.server as h, os',
    'class A(h.BaseHTTPRequestHandler):',
    ' def do_GET(s):',
    "  s.send_response(200 if s.path=='/api/health' else 500); s.end_headers(); s.wfile.write(b'the crane is stuck')",
    "h.HTTPServer(('',8000),A).serve_forever()",
  ].join('\\n')
  const tag = await deriveRelease(
    before,
    'broken-smoke',
    `CMD ["python3", "-c", "exec('''${app.replaceAll('"', '\\"')}''')"]\n`,
  )
  const { code, output } = await inLab('deploy', ['--release', tag])
  expect(code, output).toBe(1)
  expect(output).toMatch(/smoke test through the preview listener/)
  expect(output).toContain('the crane is stuck')
  expect(output).not.toMatch(/\n\s+at .*\.ts:\d+/)
  expect(await liveRelease()).toBe(before)
})

test('a disk that is nearly full is told, and the release stays; images of what never served go', async () => {
  // A disk that is nearly full is no fault of the release: it is told, and the release stays.
  const at = '/var/lib/quayside/wal'
  await onHost(
    'app-1',
    `mkdir ${at} && mount -t tmpfs -o size=4m tmpfs ${at} && head -c 4000000 /dev/zero >${at}/full`,
  )
  try {
    const good = await deriveRelease(before, 'good-on-a-full-disk')
    const { code, output } = await inLab('deploy', ['--release', good])
    expect(code, output).toBe(0)
    expect(output).toContain(`not well, and not by this release: app-1: host disk: ${at}: 9`)
    expect(output).toContain('good-on-a-full-disk is well by every check of health')
    expect(await liveRelease()).toBe(good)
    // The images of what never served are gone, on the host that looked them up by their tags, too.
    expect(output).toMatch(/\d+ images of releases before the last 5 are removed from the hosts/)
    const list = "docker image ls --digests --format '{{.Repository}} {{.Digest}} {{.Tag}}' | grep /api"
    for (const host of ['app-1', 'app-2']) {
      const images = (await onHost(host, list)).trim().split('\n')
      expect(images.length, images.join('\n')).toBeLessThanOrEqual(5)
      expect(images.join('\n')).not.toContain('broken-')
    }
  } finally {
    await onHost('app-1', `umount ${at}; rmdir ${at}`)
  }
  const { code, output } = await inLab('deploy')
  expect(code, output).toBe(0)
  expect(await liveRelease()).toBe(before)
})
