import { expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { type Moved, movedEnv, movedText, speaks } from '../../../roles/app/drill.ts'

const moved: Moved = {
  from: ['10.0.0.4', 'db-1'],
  to: 'db',
  ports: [
    [6432, 5432],
    [6379, 6379],
  ],
}

test.each([
  ['10.0.0.4', 'db'],
  ['postgres://app:x@10.0.0.4:6432/app', 'postgres://app:x@db:5432/app'],
  ['redis://db-1:6379,10.0.0.4:6379', 'redis://db:6379,db:6379'],
  ['10.0.0.4:9999', 'db:9999'],
  // Parts of other names and addresses.
  ['10.0.0.41', '10.0.0.41'],
  ['110.0.0.4', '110.0.0.4'],
  ['db-10', 'db-10'],
  ['my-db-1', 'my-db-1'],
  ['db-1.example.org', 'db-1.example.org'],
])('%s is %s in the scratch network', (text, there) => {
  expect(movedText(text, moved)).toBe(there)
})

test('a port is moved where the name of its variable says that it is one', () => {
  expect(movedEnv({ DATABASE_HOST: '10.0.0.4', DATABASE_PORT: '6432', WORKERS: '6432' }, moved)).toEqual({
    DATABASE_HOST: 'db',
    DATABASE_PORT: '5432',
    WORKERS: '6432',
  })
})

test.each([
  [{ DATABASE_HOST: '10.0.0.4' }, {}, true],
  [{}, { DATABASE_URL: new Secret('postgres://app:a-long-password@db-1/app') }, true],
  [{ API_URL: 'http://api:8000' }, { TOKEN: new Secret('nothing of a database') }, false],
])('an app with %j speaks to the database, or not', (env, secrets, expected) => {
  expect(speaks({ env, secrets }, moved)).toBe(expected)
})
