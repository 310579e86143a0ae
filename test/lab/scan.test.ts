import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab } from './playbook.ts'
import { deriveRelease, oldLibssl } from './release.ts'

interface Image {
  readonly image: string
  readonly against: string
  readonly findings: readonly { readonly kind: string; readonly package?: string; readonly verdict: string }[]
}

/** Those of each host that scans, by their names. */
const images = () =>
  Promise.all(
    ['app-1', 'edge-1', 'db-1'].map((host) =>
      onHost(host, "docker image ls -a --digests --format '{{.Repository}} {{.Tag}} {{.ID}}' | sort"),
    ),
  )

let before: string
let weak: string

beforeAll(async () => {
  before = await liveRelease()
  weak = await deriveRelease(before, `weak-${Date.now()}`, oldLibssl)
  // Images that nothing can be said of, and one with nothing in it that lacks a fix.
  const importAs = (name: string, file: string, text: string) =>
    `printf '${text}' >${file}; tar -c etc var | docker import - scan:${name} >/dev/null`
  const folder = '/tmp/scan-images'
  await onHost(
    'app-1',
    `mkdir -p ${folder}/etc ${folder}/var/lib/dpkg; cd ${folder} || exit 1
${importAs('alpine', 'etc/os-release', 'ID=alpine\\nPRETTY_NAME="Alpine Linux v3.20"\\n')}
printf 'Package: dpkg\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 99:1\\n\\n' >var/lib/dpkg/status
${importAs('clean', 'etc/os-release', 'ID=debian\\nVERSION_CODENAME=bookworm\\n')}
rm -rf ${folder}
: what a run left that died two hours ago
docker create --label quayside.scan=$(($(date +%s) - 7200)) scan:alpine none >/dev/null
mkdir -p /tmp/quayside-scan.died && touch -d '2 hours ago' /tmp/quayside-scan.died`,
  )
})

afterAll(() => onHost('app-1', 'docker image rm scan:alpine scan:clean'))

test('scan.ts tells of a fix that an image lacks, in the words of the schema, and leaves the hosts as they were', async () => {
  const at = await images()
  const { code, stdout, stderr } = await inLab('scan', ['--release', weak, '--json'])
  expect(code, stderr).toBe(1)
  expect(await images()).toEqual(at)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { data } = events.find(({ type }) => type === 'result') as { data: { images: readonly Image[] } }
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/schemas/events.schema.json', import.meta.url), 'utf8'),
  )
  const validate = new Ajv2020().addSchema(schema).compile({
    $ref: 'urn:quayside:events:1#/$defs/result-scan',
    type: 'object',
    unevaluatedProperties: false,
  })
  expect(validate(data), JSON.stringify(validate.errors)).toBe(true)
  const repositories = data.images.map(({ image }) => image.replace(/^registry\.lab:5000\/|:[^:]*$/g, ''))
  expect(repositories.toSorted()).toEqual([
    'agentlab/api',
    'agentlab/web',
    'standin/nginx',
    'standin/postgres',
    'standin/redis',
  ])
  // Each by its own release of Debian.
  for (const { image, against } of data.images)
    expect(against).toMatch(image.includes('nginx') ? /^trixie-security of 20/ : /^bookworm-security of 20/)
  const [api] = data.images
  expect(api?.findings.find((each) => each.package === 'libssl3')).toMatchObject({
    kind: 'flaw',
    installed: '3.0.0-1',
    fixed: expect.stringMatching(/^3\.0\.\d+/),
    source: 'bookworm-security',
    verdict: 'counts',
  })
})

test('clean is clean, what cannot be scanned is not, and without lists nothing is', async () => {
  const vars = {
    scan_ignore: [{ unscanned: true, image: 'scan', until: '2999-12-31', why: 'made for this test' }],
  }
  const nowhere = { scan_mirrors: { debian: 'http://127.0.0.1:9/debian' } }
  const [clean, deaf] = await Promise.all([
    inLab('scan', ['scan:clean', 'scan:alpine', '-x', JSON.stringify(vars)]),
    inLab('scan', ['scan:clean', '-x', JSON.stringify(nowhere)]),
  ])
  expect(clean.code, clean.output).toBe(0)
  expect(clean.stdout).toMatch(
    /scan:clean\n.*\n {2}by debian on app-1, against bookworm-security of 20.*\n {2}nothing found/,
  )
  expect(clean.stdout).toContain(
    'NOT SCANNED: it is Alpine Linux v3.20, neither Debian nor Ubuntu  ignored until 2999-12-31: made for this test',
  )
  expect(deaf.code, deaf.output).toBe(1)
  expect(deaf.stderr).toContain('fetch the lists of bookworm-security, without which nothing can be scanned')
  expect(deaf.output).not.toContain('nothing found')
  const left = 'ls -d /tmp/quayside-scan.* 2>/dev/null; docker ps -aq --filter label=quayside.scan'
  expect(await onHost('app-1', left)).toBe('')
})

test('a deploy with deploy_scan: refuse ends before anything of the release is started: the old one serves', async () => {
  const { code, output, stderr } = await inLab('deploy', ['--release', weak, '-x', 'deploy_scan=refuse'])
  expect(code, output).toBe(1)
  expect(stderr).toContain('the release is refused for what its images have')
  expect(stderr).toMatch(
    /libssl3 3\.0\.0-1 → 3\.\S+ \(bookworm-security\) in registry\.lab:5000\/agentlab\/api@sha256:/,
  )
  expect(output).not.toContain('migrate api')
  expect(await liveRelease()).toBe(before)
  const seen = await onHost(
    'app-1',
    `docker ps -a --format '{{.Image}} {{.Names}}'; cat /var/lib/quayside/deploy/*.json`,
  )
  expect(seen).not.toContain(weak)
})
