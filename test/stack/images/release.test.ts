import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryName } from '../../../lib/lab/index.ts'
import { sampleRelease } from '../../../lib/lab/sample.ts'
import {
  apiOptions,
  ask,
  bench,
  healthy,
  logsOf,
  providerKey,
  setUp,
  signingKey,
  start,
  tearDown,
  there,
  webReleaseOptions,
} from './bench.ts'
import { build, builtTwice, labelsOf } from './twice.ts'

test('the api’s image is the same, bit by bit, when it is built again from a new checkout', async () => {
  const { digests, labels } = await builtTwice('api')
  expect(digests[1]).toBe(digests[0])
  expect(labels).toEqual(labelsOf('api'))
})

describe('who may log in', () => {
  let api: string
  let image: string
  beforeAll(async () => {
    await setUp()
    ;({ reference: image } = await build('api', 'one'))
    await there(`docker run --rm ${apiOptions} ${image} python -m app.migrate`)
    api = await start('api', apiOptions, image)
  })
  afterAll(tearDown)

  const me = (token: string, scheme = 'Bearer') =>
    ask(`http://${api}:8000/api/me`, 'GET', '', [`Authorization: ${scheme} ${token}`])
  const logIn = (email: string, password: string) =>
    ask(`http://${api}:8000/api/login`, 'POST', JSON.stringify({ email, password }))
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const sign = (signed: string, key: string) => createHmac('sha256', key).update(signed).digest('base64url')
  const token = (claims: object, key = signingKey, header: object = { alg: 'HS256', typ: 'JWT' }) => {
    const signed = `${part(header)}.${part(claims)}`
    return `${signed}.${sign(signed, key)}`
  }
  const inAnHour = Math.floor(Date.now() / 1000) + 3600

  test('seeds make a user and documents, once; a release refuses them', async () => {
    const seed = (more = '') =>
      there(`docker run --rm ${apiOptions} ${more} ${image} python -m app.seed 2>&1 || echo "exit $?"`)
    expect(await seed()).toMatch(/^added the user dev@agentlab\.example, .*\nadded 12 documents$/)
    expect(await seed()).toBe('every document is there')
    expect(await seed('-e RELEASE=v42')).toMatch(/seeds are for development.* this is v42\nexit 2$/)
  })

  test('the right password gets a token, and that says who one is', async () => {
    const { status, body } = await logIn('Dev@AgentLab.example', 'development')
    expect(status, body).toBe(200)
    const answer: { token: string; expiresInSeconds: number } = JSON.parse(body)
    expect(answer.expiresInSeconds).toBe(3600)
    expect(await me(answer.token)).toEqual({
      status: 200,
      body: '{"email":"dev@agentlab.example","release":"dev"}',
    })
    expect((await me(answer.token, 'bearer')).status).toBe(200)
    expect((await me(answer.token, 'Basic')).status).toBe(401)
  })

  test.each([
    ['another password', 'dev@agentlab.example', 'Development', 401],
    ['nobody', 'nobody@agentlab.example', 'development', 401],
    ['what PostgreSQL cannot hold', 'dev\0@agentlab.example', 'development', 401],
    ['no password', 'dev@agentlab.example', '', 422],
  ])('%s does not', async (_, email, password, status) => {
    expect((await logIn(email, password)).status).toBe(status)
  })

  test('any program with the key can make a token; nothing else counts as one', async () => {
    const claims = { iss: 'agentlab-api', sub: '1', exp: inAnHour }
    const good = token(claims)
    expect((await me(good)).status).toBe(200)
    const bad = {
      'too old': token({ ...claims, exp: inAnHour - 7200 }),
      'no end': token({ iss: claims.iss, sub: '1' }),
      "somebody else's": token({ ...claims, iss: 'else' }),
      'nobody there': token({ ...claims, sub: '4711' }),
      'no number': token({ ...claims, sub: 'one' }),
      'another key': token(claims, `${signingKey}x`),
      'alg none': token(claims, signingKey, { alg: 'none', typ: 'JWT' }),
      unsigned: `${part({ alg: 'none' })}.${part(claims)}.`,
      'another payload': good.replace(/\.[^.]+\./, `.${part({ ...claims, sub: '2' })}.`),
      'cut short': good.slice(0, -1),
      'no token': 'x',
      nothing: '',
    }
    for (const [what, each] of Object.entries(bad))
      expect([what, (await me(each)).status]).toEqual([what, 401])
  })

  test('the web serves from its settled build, in which no keys are left, to those who ask for drafts too', async () => {
    const web = await start('web', webReleaseOptions, `${registryName}/agentlab/web:${await sampleRelease()}`)
    const { status, body } = await ask(`http://${web}:3000/`, 'GET', '', [
      'Cookie: __prerender_bypass=%ED%A0%80',
    ])
    expect([status, body]).toEqual([200, expect.stringContaining('data-testid="result"')])
    const kept = await there(
      `docker exec ${bench}-web cat .next/prerender-manifest.json .next/server/server-reference-manifest.json`,
    )
    expect(kept).toContain('"previewModeSigningKey":""')
    expect(kept).toContain('"encryptionKey":""')
    expect(kept).not.toMatch(/[0-9a-f]{32}/)
  })

  test('language models outside are told by name, those that are configured', async () => {
    const { body } = await ask(`http://${api}:8000/api/providers`)
    expect(JSON.parse(body)).toEqual({ configured: ['anthropic', 'ollama'] })
  })

  test('no password, key or token stands in a log or in what docker tells', async () => {
    const told = `${await logsOf('api')}${await there(`docker inspect ${bench}-api`)}`
    expect(told).toContain('/api/login')
    for (const secret of [signingKey, providerKey, '"development"', 'eyJ']) expect(told).not.toContain(secret)
  })

  test('without a signing key nobody logs in, and all else is as it was', async () => {
    const without = apiOptions.replace('-e API_SIGNING_KEY_FILE=/run/secrets/api_signing_key', '')
    const other = await start('keyless', without, image)
    const at = (path: string) => ask(`http://${other}:8000/api/${path}`)
    expect(await at('me')).toMatchObject({
      status: 503,
      body: expect.stringContaining('API_SIGNING_KEY is not set'),
    })
    expect(
      (await ask(`http://${other}:8000/api/login`, 'POST', '{"email":"a@b.c","password":"x"}')).status,
    ).toBe(503)
    expect((await at('ready')).status).toBe(200)
    expect(await at('search?q=lock')).toMatchObject({
      status: 200,
      body: expect.stringContaining('pgvector'),
    })
  })

  test('settings that cannot be right are told all at once, without their values', async () => {
    const wrong = `-e LOG_LEVEL=loud -e API_SIGNING_KEY=short -e API_SIGNING_KEY_FILE= -e OLLAMA_URL=ftp://me:hidden@host`
    const told = await there(`docker run --rm ${apiOptions} ${wrong} ${image} 2>&1 || echo "exit $?"`)
    expect(told).toContain('LOG_LEVEL must be one of debug, info, warning, error')
    expect(told).toContain('API_SIGNING_KEY must have at least 32 characters')
    expect(told).toContain('OLLAMA_URL must be a URL')
    expect(told).toMatch(/exit 2$/)
    expect(told).not.toMatch(/short|hidden/)
  })

  test('it has started once the database answered it, and lives on without', async () => {
    const postgres = (verb: string) => there(`docker ${verb} ${bench}-postgres >/dev/null`)
    await postgres('pause')
    try {
      await there(`docker run -d --name ${bench}-early ${apiOptions} ${image} >/dev/null`)
      const early = await there(
        `docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' ${bench}-early`,
      )
      const health = async () => ask(`http://${early.trim()}:8000/api/health`).catch(() => undefined)
      const soon = { timeout: 30_000, interval: 500 }
      await expect.poll(health, soon).toEqual({ status: 503, body: '{"status":"starting"}' })
      await postgres('unpause')
      await expect.poll(health, soon).toEqual({ status: 200, body: '{"status":"ok"}' })
      await healthy('early')
      await postgres('pause')
      expect(await health()).toEqual({ status: 200, body: '{"status":"ok"}' })
      expect((await ask(`http://${early.trim()}:8000/api/ready`)).status).toBe(503)
    } finally {
      await postgres('unpause').catch(() => {})
    }
  })

  test('LOG_LEVEL decides what is logged', async () => {
    await start('quiet', `${apiOptions} -e LOG_LEVEL=error`, image)
    await healthy('quiet')
    expect(await logsOf('quiet')).not.toContain('listening on port')
    expect(await logsOf('api')).toContain('listening on port')
  })
})
