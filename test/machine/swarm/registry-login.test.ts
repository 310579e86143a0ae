import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lookUp } from '../../../lib/swarm/preflight/node-look.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-login-'))
afterAll(() => rmSync(folder, { recursive: true }))

const password = 'pa:ss"w\\ord'
const auth = (text: string) => Buffer.from(text).toString('base64')
mkdirSync(join(folder, 'bin'))
writeFileSync(
  join(folder, 'config.json'),
  JSON.stringify(
    {
      auths: {
        'registry.example.com': { auth: auth(`quayside:${password}`) },
        'https://index.docker.io/v1/': { auth: auth('hub:secret') },
      },
    },
    null,
    '\t',
  ),
)
// In the place of curl: notes its arguments and its standard input, and answers as an engine does.
const curl = join(folder, 'bin/curl')
writeFileSync(
  curl,
  `#!/bin/sh
n=$(mktemp -p ${folder} asked-XXXXXX)
printf '%s\\n' "$*" >"$n"
cat >>"$n"
printf '{"message":"told"}\\n500'
`,
)
chmodSync(curl, 0o755)

test.each([
  [
    'registry.example.com/app/api:v1',
    { username: 'quayside', password, serveraddress: 'registry.example.com' },
  ],
  ['redis:7', { username: 'hub', password: 'secret', serveraddress: 'https://index.docker.io/v1/' }],
  [
    'ankane/pgvector:v0.5.0',
    { username: 'hub', password: 'secret', serveraddress: 'https://index.docker.io/v1/' },
  ],
  ['other.example.com:5000/api:v1', undefined],
])('%s is looked up with the login of its registry, which is in no argument list', (image, login) => {
  const text = lookUp([image]).toString().replaceAll('/root/.docker', folder)
  const said = execFileSync('sh', ['-c', text], {
    encoding: 'utf8',
    env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  })
  expect(said).toBe('image=0 500 {"message":"told"} \n')
  const [name = ''] = execFileSync('sh', ['-c', `ls -t ${folder} | grep asked- | head -n 1`], {
    encoding: 'utf8',
  }).split('\n')
  const [words = '', header = ''] = readFileSync(join(folder, name), 'utf8').split('\n')
  rmSync(join(folder, name))
  expect(words).toContain(`/distribution/${image}/json`)
  expect(words).not.toContain('Auth')
  const sent = /^X-Registry-Auth: (\S+)$/.exec(header)?.[1]
  expect(sent === undefined ? undefined : JSON.parse(Buffer.from(sent, 'base64url').toString())).toEqual(
    login,
  )
})
