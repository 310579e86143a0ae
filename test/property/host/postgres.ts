import fc from 'fast-check'
import type { Connection } from '../../../lib/connection/connection.ts'
import { standInReference } from '../../../lib/lab/standins.ts'
import { postgresDatabase, postgresExtension, postgresUser } from '../../../lib/resource/index.ts'
import { verifies } from '../../../lib/resource/scram.ts'
import { feed, raw, type Script, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { demand, tableFacts } from './look.ts'
import type { HostSite } from './site.ts'

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

const server = { container: 'qsp-postgres' }

export const sweepPostgres = raw('docker rm -fv qsp-postgres >/dev/null 2>&1 || :')

/** A server of the tests' own. */
export async function startPostgres(connection: Connection): Promise<void> {
  await demand(
    connection,
    sh`docker run -d --name qsp-postgres -e POSTGRES_HOST_AUTH_METHOD=trust ${standInReference('postgres')} >/dev/null
n=0; until docker exec qsp-postgres pg_isready -q -h 127.0.0.1; do n=$((n + 1)); [ $n -lt 120 ] || exit 1; sleep 0.25; done`,
  )
}

/** SQL by the administrator, not by way of any resource. */
function sql(text: string, database = 'postgres'): Script {
  return sh`{ base64 -d${feed(text)}} | docker exec -i qsp-postgres psql -XqAt -v ON_ERROR_STOP=1 -U postgres -d ${database}`
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const oddName = fc.constantFrom(
  'app',
  'App',
  'we"ird',
  "it's",
  'a b',
  'gr\u00fcn',
  '$x',
  '%s',
  'user',
  'back\\slash',
)
const passwords = fc.constantFrom('hush-Zq9x', `hush-Zq9x "it's" \\ $x %`, 'hush-Zq9x,other')

/** All that a cluster has for its roles and databases: what a resource is about, and all the rest. */
function cluster(site: HostSite): Promise<Facts> {
  return tableFacts(
    site.connection,
    sql(`select 'role ' || rolname || E'\\t' || jsonb_build_object('login', rolcanlogin, 'super', rolsuper, 'db', rolcreatedb,
 'role', rolcreaterole, 'repl', rolreplication, 'rls', rolbypassrls, 'inherit', rolinherit, 'limit', rolconnlimit, 'until', rolvaliduntil,
 'password', rolpassword, 'of', array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = a.oid order by 1))
from pg_authid a;
select 'database ' || datname || E'\\t' || jsonb_build_object('owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding), 'acl', datacl)
from pg_database;
`),
  )
}

const attributes = fc.record(
  {
    superuser: fc.boolean(),
    createDb: fc.boolean(),
    createRole: fc.boolean(),
    connectionLimit: fc.constantFrom(-1, 5),
    validUntil: fc.constantFrom('2030-01-31T00:00:00Z', '2031-12-31T23:59:59Z'),
    memberOf: fc.subarray(['pg_monitor', 'qsp group']),
  },
  { requiredKeys: [] },
)

/** A role that is there or not, with attributes of its own, an MD5 password or one that has run out. */
export const postgresUserCases = fc.record({
  name: oddName,
  there: fc.option(
    fc.record({
      clauses: fc.subarray([
        'login',
        'superuser',
        'createdb',
        'createrole',
        'replication',
        'bypassrls',
        'connection limit 5',
        "valid until '2020-01-01'",
        "valid until '2030-01-31 01:00+01'",
        "valid until 'infinity'",
        "valid until '-infinity'",
      ]),
      password: fc.option(fc.oneof(passwords, fc.constant('md5'))),
      groups: fc.subarray(['pg_monitor', 'qsp group']),
    }),
    { freq: 5 },
  ),
  wish: attributes,
  password: fc.option(passwords, { freq: 3 }),
})

export async function postgresUserObeys(site: HostSite, each: Case<typeof postgresUserCases>): Promise<void> {
  const { name, there, wish, password } = each
  const role = quoted(name)
  // Of several ends of a password the last one counts, as SQL has it.
  const until = there?.clauses.filter((clause) => clause.startsWith('valid')).slice(-1) ?? []
  const clauses = [...(there?.clauses.filter((clause) => !clause.startsWith('valid')) ?? []), ...until]
  const given =
    there === null || there.password === null
      ? ''
      : there.password === 'md5'
        ? `password 'md5${'0'.repeat(32)}'`
        : `password '${there.password.replaceAll("'", "''")}'`
  const setUp =
    there === null
      ? ''
      : `create role ${role} ${clauses.join(' ')} ${given}; ${there.groups.map((group) => `grant ${quoted(group)} to ${role};`).join(' ')}`
  await site.arrange(
    sql(`drop role if exists ${role}; drop role if exists "qsp group"; create role "qsp group"; ${setUp}\n`),
  )
  const of = (facts: Facts) => {
    const line = facts.get(`role ${name}`)
    return line === undefined ? undefined : JSON.parse(line)
  }
  await obey({
    connection: site.connection,
    resource: postgresUser({
      ...server,
      name,
      ...wish,
      ...(password === null ? {} : { password: new Secret(password) }),
    }),
    look: () => cluster(site),
    wrong: (facts) => {
      const is = of(facts)
      if (is === undefined) return 'there is none'
      const wanted: Record<string, unknown> = {
        login: true,
        super: wish.superuser ?? false,
        db: wish.createDb ?? false,
        role: wish.createRole ?? false,
        repl: false,
        limit: wish.connectionLimit ?? -1,
      }
      for (const [key, value] of Object.entries(wanted)) if (is[key] !== value) return `${key} is ${is[key]}`
      if (is.rls && wish.superuser !== true) return 'it sees past row security'
      const ends = is.until === null || is.until === 'infinity' ? undefined : Date.parse(is.until)
      const shall = wish.validUntil === undefined ? undefined : Date.parse(wish.validUntil)
      if (ends !== shall) return `its password is taken until ${is.until}`
      if (password !== null && !verifies(is.password, new Secret(password))) return 'its password is another'
      const missing = (wish.memberOf ?? []).filter((group) => !is.of.includes(group))
      return missing.length === 0 ? undefined : `no member of ${missing.join()}`
    },
    owns: (key) => key === `role ${name}`,
    foretold: ({ summary }, before, after) => {
      const [was, is] = [of(before), of(after)]
      if ((was === undefined) !== summary.startsWith('create')) throw new Error(`"${summary}"`)
      if (was === undefined) return
      if (/password changed/.test(summary) !== (was.password !== is.password)) throw new Error(`"${summary}"`)
      if (/valid until/.test(summary) !== ((was.until ?? 'infinity') !== (is.until ?? 'infinity')))
        throw new Error(`"${summary}": ${was.until} → ${is.until}`)
      if (JSON.stringify(was.of) !== JSON.stringify(is.of) && !/member of/.test(summary))
        throw new Error(`"${summary}"`)
    },
    secrets: ['hush-Zq9x'],
  })
  await site.arrange(sql(`drop role if exists ${role}; drop role if exists "qsp group";\n`))
}

export const postgresDatabaseCases = fc.record({
  name: oddName,
  there: fc.option(fc.constantFrom('postgres', 'Own"er'), { freq: 3 }),
  owner: fc.constantFrom('postgres', 'Own"er', 'nobody there'),
  template0: fc.boolean(),
})

export async function postgresDatabaseObeys(
  site: HostSite,
  each: Case<typeof postgresDatabaseCases>,
): Promise<void> {
  const { name, there, owner, template0 } = each
  const database = quoted(name)
  await site.arrange(sql(`drop database if exists ${database};\n`))
  await site.arrange(sql(`drop role if exists "Own""er"; create role "Own""er";\n`))
  if (there !== null) await site.arrange(sql(`create database ${database} owner ${quoted(there)};\n`))
  const of = (facts: Facts) => {
    const line = facts.get(`database ${name}`)
    return line === undefined ? undefined : JSON.parse(line)
  }
  await obey({
    connection: site.connection,
    resource: postgresDatabase({
      ...server,
      name,
      owner,
      ...(template0 ? { template: 'template0', encoding: 'UTF8' } : {}),
    }),
    look: () => cluster(site),
    wrong: (facts) => {
      const is = of(facts)
      if (is === undefined) return 'there is none'
      return is.owner === owner ? undefined : `it belongs to ${is.owner}`
    },
    ending: () => (owner === 'nobody there' ? 'failure' : undefined),
    owns: (key) => key === `database ${name}`,
    foretold: ({ summary }, before) => {
      const was = of(before)
      const wanted = was === undefined ? `create (owner ${owner})` : `owner ${was.owner} → ${owner}`
      if (summary !== wanted) throw new Error(`"${summary}", not "${wanted}"`)
    },
  })
  await site.arrange(sql(`drop database if exists ${database};\n`))
}

export const postgresExtensionCases = fc.record({
  there: fc.boolean(),
  wish: fc.constantFrom('vector', 'vector', 'nonesuch'),
  /** the version that the server offers, or none told */
  exact: fc.boolean(),
})

export async function postgresExtensionObeys(
  site: HostSite,
  each: Case<typeof postgresExtensionCases>,
): Promise<void> {
  const { there, wish, exact } = each
  const database = 'Ext "x"'
  await site.arrange(sql(`drop database if exists ${quoted(database)};\n`))
  await site.arrange(sql(`create database ${quoted(database)};\n`))
  if (there) await site.arrange(sql('create extension vector;\n', database))
  const offered = await demand(
    site.connection,
    sql(`select default_version from pg_available_extensions where name = 'vector';\n`),
  )
  await obey({
    connection: site.connection,
    resource: postgresExtension({
      ...server,
      database,
      name: wish,
      ...(exact ? { version: offered.trim() } : {}),
    }),
    look: () =>
      tableFacts(
        site.connection,
        sql(`select extname || E'\\t' || extversion || ' ' || oid from pg_extension;\n`, database),
      ),
    wrong: (facts) => (facts.get(wish)?.startsWith(offered.trim()) ? undefined : `it is ${facts.get(wish)}`),
    ending: () => (wish === 'nonesuch' ? 'unknown' : undefined),
    owns: (key) => key === wish,
  })
  await site.arrange(sql(`drop database if exists ${quoted(database)};\n`))
}
