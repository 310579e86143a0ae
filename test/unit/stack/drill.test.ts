import { expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { movedEnv, speaks } from '../../../roles/app/drill.ts'
import { type SwarmVars, swarmVars } from '../../../roles/swarm/schema.ts'
import { drilledApps } from '../../../stack/drill.ts'
import { varsOf } from '../roles/context.ts'

const moved = {
  from: ['10.0.0.31', 'db-1'],
  to: 'scratch',
  ports: [
    [5432, 5432],
    [6379, 6379],
  ],
} as const

const vars: SwarmVars = varsOf(swarmVars, {
  stack_settings: {
    REGISTRY: 'registry.test/agentlab',
    PUBLIC_URL: 'https://app.test',
    SERVER_NAME: 'app.test',
    DATABASE_HOST: '10.0.0.31',
    DATABASE_SSLMODE: 'require',
    REDIS_HOST: '10.0.0.31',
    POSTGRES_DB: 'notes',
  },
  stack_secrets: { postgres_password: new Secret('a password of nobody') },
})

test("the stack's api is booted beside the scratch server, with the stack's own settings and secrets", async () => {
  const [api, ...others] = await drilledApps(vars)
  expect(others).toEqual([])
  expect(api).toMatchObject({ name: 'api', image: 'registry.test/agentlab/api' })
  if (api === undefined) return
  expect(speaks(api, moved)).toBe(true)
  expect(movedEnv(api.env, moved)).toMatchObject({
    DATABASE_HOST: 'scratch',
    DATABASE_PORT: '5432',
    DATABASE_NAME: 'notes',
    DATABASE_SSLMODE: 'disable',
    DATABASE_PASSWORD_FILE: '/run/secrets/postgres_password',
    REDIS_HOST: 'scratch',
  })
  expect(Object.values(api.env).every((value) => typeof value === 'string')).toBe(true)
  // What an environment points to has to be there, be it empty.
  const files = Object.entries(api.env).flatMap(([name, value]) => (name.endsWith('_FILE') ? [value] : []))
  expect(files.toSorted()).toEqual(
    Object.keys(api.secrets)
      .map((name) => `/run/secrets/${name}`)
      .toSorted(),
  )
  expect(api.secrets.postgres_password?.reveal()).toBe('a password of nobody')
  expect(api.secrets.openai_api_key?.reveal()).toBe('')
})
