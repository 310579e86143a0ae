import { expect, test } from 'vitest'
import { bareSql, type Hanging, saysSomething } from '../../../../lib/backup/restore/carry.ts'
import { propertiesOf, statementsOf } from '../../../../lib/backup/restore/properties.ts'

/** What pg_restore --create prints of a database, its odd values among it. */
const printed = String.raw`--
-- PostgreSQL database dump; not a statement
--

\restrict abc
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: app; Type: DATABASE; Schema: -; Owner: app
--

CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C.UTF-8';
ALTER DATABASE app OWNER TO app;

\connect app

COMMENT ON DATABASE app IS 'it''s
ours; DATABASE app SET';
ALTER DATABASE app CONNECTION LIMIT = 40;
ALTER DATABASE app SET work_mem TO '7MB';
ALTER DATABASE app SET "app.word" TO 'a''b; ALTER DATABASE app SET x TO \y
-- none';
ALTER ROLE "Odd; role" IN DATABASE app SET search_path TO 'a', 'b';
REVOKE CONNECT,TEMPORARY ON DATABASE app FROM PUBLIC;
GRANT CONNECT ON DATABASE app TO reader WITH GRANT OPTION;
GRANT CONNECT ON DATABASE apples TO reader;
\unrestrict abc
`

test('what a dump says of its database is said of the one beside, and nothing else is', () => {
  const { statements, comment } = propertiesOf(printed, 'app', 'app_restore_3f9a1c')
  expect(statements).toEqual([
    'ALTER DATABASE "app_restore_3f9a1c" CONNECTION LIMIT = 40',
    `ALTER DATABASE "app_restore_3f9a1c" SET work_mem TO '7MB'`,
    `ALTER DATABASE "app_restore_3f9a1c" SET "app.word" TO 'a''b; ALTER DATABASE app SET x TO \\y\n-- none'`,
    `ALTER ROLE "Odd; role" IN DATABASE "app_restore_3f9a1c" SET search_path TO 'a', 'b'`,
    'REVOKE CONNECT,TEMPORARY ON DATABASE "app_restore_3f9a1c" FROM PUBLIC',
    'GRANT CONNECT ON DATABASE "app_restore_3f9a1c" TO reader WITH GRANT OPTION',
  ])
  expect(comment).toBe("it's\nours; DATABASE app SET")
})

test('a name that needs quotes', () => {
  const sql = `ALTER DATABASE "a.""b" SET jit TO 'off';\nALTER DATABASE "axb" SET jit TO 'on';\n`
  expect(propertiesOf(sql, 'a."b', 'c').statements).toEqual([`ALTER DATABASE "c" SET jit TO 'off'`])
  expect(propertiesOf('', 'app', 'c')).toEqual({ statements: [], comment: undefined })
})

test('statements end where no quote is open', () => {
  expect(statementsOf(`a ';' b; -- c;\n"d;""";\n\\connect e;f\ng;`)).toEqual([`a ';' b`, '"d;"""', 'g'])
})

test('what serves has the last word where somebody has set anything on it', () => {
  const fresh: Hanging = {
    owner: 'app',
    connectionLimit: -1,
    tablespace: 'pg_default',
    comment: null,
    grants: undefined,
    settings: [],
  }
  expect(saysSomething(fresh)).toBe(false)
  expect(bareSql('b', fresh)).toEqual([])
  const set: Hanging = {
    ...fresh,
    connectionLimit: 40,
    grants: [
      { role: null, privilege: 'TEMPORARY', grantable: false },
      { role: 'reader', privilege: 'CONNECT', grantable: true },
      { role: 'reader', privilege: 'CREATE', grantable: false },
    ],
    settings: [
      { role: null, name: 'work_mem', value: '7MB' },
      { role: null, name: 'jit', value: 'off' },
      { role: 'reader', name: 'work_mem', value: '1MB' },
    ],
  }
  for (const each of ['connectionLimit', 'grants', 'settings'] as const)
    expect(saysSomething({ ...fresh, [each]: set[each] })).toBe(true)
  expect(bareSql('b', set)).toEqual([
    'alter database "b" connection limit -1',
    'revoke all on database "b" from public cascade',
    'revoke all on database "b" from "reader" cascade',
    'grant connect, temporary on database "b" to public',
    'grant all on database "b" to "app"',
    'alter database "b" reset all',
    'alter role "reader" in database "b" reset all',
  ])
})
