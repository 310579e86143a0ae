import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../lib/health/index.ts'
import { feed, sh } from '../../lib/script/index.ts'
import { makeCertificate } from '../../lib/secret/openssl.ts'
import { stateDir } from '../../lib/state.ts'
import { onHost } from './lab-host.ts'
import { lookAtAll } from './look.ts'
import { inLab } from './playbook.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quayside-health-test-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A run of health.ts as a program hears it. `failed` names the lines that failed, each once: "db-1 redis query". */
async function health(...args: readonly string[]) {
  const { code, stdout, output } = await inLab('health', ['--json', ...args])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const data = events.find(({ type }) => type === 'result')?.data
  expect(data, output).toBeDefined()
  const findings: readonly Finding[] = data.findings
  const failed = findings.filter(({ verdict }) => verdict === 'failed')
  return {
    code,
    data,
    findings,
    failed: [...new Set(failed.map(({ host, service, layer }) => `${host} ${service} ${layer}`))].sort(),
    seen: failed.map(({ host, seen }) => `${host}: ${seen}`),
  }
}

/** Breaks something on a host, looks, and puts it back whatever was seen. */
async function broken(host: string, breaks: string, mends: string, look: () => Promise<void>) {
  await onHost(host, breaks)
  try {
    await look()
  } finally {
    await onHost(host, mends)
  }
}

/** Shell text that waits until something succeeds, for 45 s. */
const until = (text: string) => `for i in $(seq 225); do ${text} >/dev/null 2>&1 && break; sleep 0.2; done`

// Where others keep the machine busy an answer may come too late, which is then a failure as it should be: once more.
const busy = { retry: 2 }

const throughNginx = (edge: string) => ['api', 'web'].map((app) => `${edge} ${app} https`)

describe('the line of what is wrong fails, and the others stay well, when', busy, () => {
  test('redis is stopped', async () => {
    const back = `docker start redis && ${until('docker exec redis sh -c "exec 3<>/dev/tcp/127.0.0.1/6379" || docker exec redis redis-cli ping')}`
    await broken('db-1', 'docker stop -t 5 redis', back, async () => {
      const { code, failed, seen } = await health()
      expect(
        failed.filter((line) => !line.includes(' api https')),
        seen.join('\n'),
      ).toEqual([
        'app-1 redis port',
        'app-2 redis port',
        'db-1 redis container',
        'db-1 redis port',
        'db-1 redis query',
      ])
      // An app that says itself that it is not ready is one more of the failures; no page that does without redis is.
      expect(failed).toContain('edge-1 api https')
      expect(seen).toContainEqual(expect.stringMatching(/^db-1: redis: exited with code 0 \d+ s ago$/))
      expect(seen).toContainEqual('app-1: 10.213.77.31:6379 of db-1: Connection refused')
      expect(code).toBe(1)
    })
  })

  test('redis has another password, and a disk of another host is nearly full', async () => {
    const file = '/etc/quayside/redis/password'
    const wrong = `cp -p ${file} /root/right && printf wrong >${file}`
    const at = '/var/lib/quayside/wal'
    const fill = `mkdir ${at} && mount -t tmpfs -o size=4m tmpfs ${at} && head -c 4000000 /dev/zero >${at}/full`
    await broken('db-1', wrong, `cat /root/right >${file}; rm /root/right`, async () => {
      const right = await onHost('db-1', 'cat /root/right')
      await broken('app-1', fill, `umount ${at}; rmdir ${at}`, async () => {
        const { code, failed, seen, data } = await health()
        expect(failed, seen.join('\n')).toEqual(['app-1 host disk', 'db-1 redis query'])
        expect(seen).toContainEqual(expect.stringMatching(/^app-1: \/var\/lib\/quayside\/wal: 9\d % full/))
        expect(seen).toContainEqual(expect.stringMatching(/^db-1: PING: .*(WRONGPASS|NOAUTH)/))
        expect(JSON.stringify(data)).not.toContain(right)
        expect(code).toBe(1)
      })
    })
  })

  test('nginx is stopped on one edge', async () => {
    const back = `docker start nginx && ${until('curl -fs 127.0.0.1/nginx-health')}`
    await broken('edge-2', 'docker stop -t 1 nginx', back, async () => {
      const { code, failed, seen } = await health()
      const own = ['container', 'https', 'query', 'tls'].map((layer) => `edge-2 nginx ${layer}`)
      expect(failed, seen.join('\n')).toEqual([...throughNginx('edge-2'), ...own].sort())
      expect(code).toBe(1)
    })
  })

  test('a certificate is about to expire', async () => {
    const ca = join(stateDir('lab'), 'ca')
    const issue = async (days: number) => {
      await makeCertificate(scratch, {
        usage: 'server',
        key: join(ca, 'server.key'),
        caCertificate: join(ca, 'ca.crt'),
        caKey: join(ca, 'ca.key'),
        names: ['agentlab.lab', 'localhost', '127.0.0.1'],
        days,
      })
      return `${readFileSync(join(scratch, 'leaf.crt'), 'utf8')}${readFileSync(join(ca, 'server.key'), 'utf8')}`
    }
    const bundle = '/etc/quayside/nginx/tls.pem'
    const reload = 'docker exec nginx nginx -e stderr -c /etc/quayside/nginx/nginx.conf -s reload && sleep 1'
    const put = async (days: number) =>
      onHost('edge-1', `${sh`base64 -d >${bundle}${feed(await issue(days))}`.reveal()}${reload}`)
    const back = `cat /root/bundle >${bundle}; rm /root/bundle; ${reload}`
    await broken('edge-1', `(umask 077; cat ${bundle} >/root/bundle)`, back, async () => {
      await put(15)
      expect(await health('--only', 'tls', '--strict')).toMatchObject({ code: 3, failed: [] })
      await put(5)
      const { code, failed, seen } = await health()
      expect(failed, seen.join('\n')).toEqual(['edge-1 nginx tls'])
      expect(seen[0]).toMatch(/^edge-1: 4 days left/)
      expect(code).toBe(1)
    })
  })

  test('a container of the api hangs: it is cut off after 5 s, and named', async () => {
    const colour = (
      await onHost('edge-1', '[ -f /etc/quayside/nginx/switch/green ] && echo green || echo blue')
    ).trim()
    const name = `api-${colour}-1`
    const port = colour === 'green' ? 8030 : 8010
    const back = `docker unpause ${name} && ${until(`curl -fs -m 2 10.213.77.22:${port}/api/health`)}`
    await broken('app-2', `docker pause ${name}`, back, async () => {
      const { code, failed, seen, data } = await health()
      // nginx may have asked it, too: it waits longer for an app than anybody does for health.ts.
      expect(
        failed.filter((line) => !line.includes(' api https')),
        seen.join('\n'),
      ).toEqual(['app-2 api container', 'app-2 api query'])
      expect(seen).toContain(`app-2: ${name}: paused`)
      expect(seen).toContainEqual(
        expect.stringMatching(new RegExp(`^app-2: ${name} /api/health: no answer within (5|15) s: cut off$`)),
      )
      expect(data.ms).toBeLessThan(60_000)
      expect(code).toBe(1)
    })
  })

  test('a host cannot be reached: the others are told, exit 4', async () => {
    const inventory = join(scratch, 'inventory')
    cpSync(fileURLToPath(new URL('../../inventory/lab', import.meta.url)), inventory, { recursive: true })
    const hosts = readFileSync(join(inventory, 'hosts.yaml'), 'utf8')
    writeFileSync(join(inventory, 'hosts.yaml'), hosts.replace('port: 22022', 'port: 1'))
    const { code, failed, seen, data, findings } = await health(
      '--inventory',
      inventory,
      '--only',
      'host,query',
    )
    expect(failed, seen.join('\n')).toEqual(['app-2 host host'])
    expect(seen[0]).toMatch(/^app-2: cannot be asked: .*refused/)
    expect(data.unreachable).toEqual(['app-2'])
    expect(findings.map(({ host }) => host)).toContain('db-1')
    expect(code).toBe(4)
  })
})

test(
  'afterwards all is well: exit 0, in the words of the published schema, and nothing on any host is another',
  busy,
  async () => {
    // Docker calls what it has paused unhealthy until it has looked again.
    const healthy = until('test -z "$(docker ps -q --filter health=unhealthy --filter health=starting)"')
    await Promise.all(['db-1', 'edge-1', 'edge-2', 'app-2'].map((host) => onHost(host, healthy)))
    const before = await lookAtAll()
    const metrics = join(scratch, 'health.prom')
    const { code, data, failed, findings, seen } = await health('--metrics', metrics)
    expect(failed, seen.join('\n')).toEqual([])
    expect(code).toBe(0)
    expect(data.unreachable).toEqual([])
    for (const line of ['db-1 postgres query', 'db-1 redis query', 'edge-2 nginx tls', 'edge-1 web https'])
      expect(findings.map(({ host, service, layer }) => `${host} ${service} ${layer}`)).toContain(line)
    const schema = JSON.parse(
      readFileSync(new URL('../../docs/schemas/events.schema.json', import.meta.url), 'utf8'),
    )
    const validate = new Ajv2020().addSchema(schema).compile({
      $ref: 'urn:quayside:events:1#/$defs/result-health',
      type: 'object',
      unevaluatedProperties: false,
    })
    expect(validate(data), JSON.stringify(validate.errors)).toBe(true)
    expect(readFileSync(metrics, 'utf8')).toContain(
      'quayside_health{env="lab",host="db-1",service="postgres",layer="query"} 1\n',
    )
    expect(await lookAtAll()).toEqual(before)
  },
)
