import fc from 'fast-check'
import { absentGroup, absentUser, group, user } from '../../../lib/resource/index.ts'
import type { UserOptions } from '../../../lib/resource/user.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

const [name, neighbour, side] = ['qsp-user', 'qsp-userx', 'qsp-side'] as const

/** Takes away every account that a case makes. */
export const sweepAccounts = sh`userdel -f ${name} 2>/dev/null || :
userdel -f ${neighbour} 2>/dev/null || :
for group in ${[name, neighbour, side]}; do groupdel -f $group 2>/dev/null || :; done
`

/** Every line of the four files, and what they are kept in. */
function accounts(site: HostSite): Promise<Facts> {
  return together(
    tableFacts(
      site.connection,
      sh`for file in passwd group shadow gshadow; do
  while IFS= read -r line; do printf '%s %s\\t%s\\n' $file "\${line%%:*}" "\${line#*:}"; done </etc/$file
done
stat --printf 'file %n: modified\\t%i %y\\n' /etc/passwd /etc/group /etc/shadow /etc/gshadow`,
    ),
    treeFacts(site.connection, [site.folder]),
  )
}

const shell = fc.constantFrom('/bin/sh', '/bin/bash', '/usr/sbin/nologin')
const homes = fc.constantFrom('home', 'other/home', 'with blank')
const memberships = fc.subarray([side, 'adm'])

/** A user wished where there may be one, another number's neighbour, and a group of the same name. */
export const userCases = fc.record({
  there: fc.option(
    fc.record({
      uid: fc.constantFrom(4701, 4702),
      group: fc.constantFrom('own', 'users', side),
      groups: memberships,
      home: homes,
      homeIsThere: fc.boolean(),
      shell,
      comment: fc.constantFrom('', 'a\\nb \\c', 'gruen, 1 & "2"', "it's $HOME"),
    }),
    { freq: 4 },
  ),
  groupIsThere: fc.boolean(),
  wish: fc.record(
    {
      uid: fc.constantFrom(4701, 4702, 4703),
      group: fc.constantFrom('users', side, 100, '0100', 'qsp-none'),
      groups: memberships,
      home: homes,
      shell,
      system: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
})

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

interface Entry {
  readonly uid: string
  readonly gid: string
  readonly home: string
  readonly shell: string
  readonly groups: readonly string[]
}

function entryOf(facts: Facts): Entry | undefined {
  const line = facts.get(`passwd ${name}`)
  if (line === undefined) return undefined
  const [, uid = '', gid = '', , home = '', shell = ''] = line.split(':')
  const groups = [...facts].flatMap(([key, value]) =>
    key.startsWith('group ') && value.split(':')[2]?.split(',').includes(name) ? [key.slice(6)] : [],
  )
  return { uid, gid, home, shell, groups }
}

function gidOf(facts: Facts, group: string | number): string | undefined {
  if (/^\d+$/.test(String(group))) return String(Number(group))
  return facts.get(`group ${group}`)?.split(':')[1]
}

function arrangement(site: HostSite, { there, groupIsThere }: Case<typeof userCases>): Script {
  const begin = sh`${sweepAccounts}
rm -rf ${site.folder}; mkdir -p ${`${site.folder}/other`}
groupadd -g 4710 ${side}
useradd -u 4703 -M -U ${neighbour}
`
  if (there === null) return groupIsThere ? sh`${begin}groupadd -g 4711 ${name}` : begin
  const words = [
    ...['-u', there.uid, there.homeIsThere ? '-m' : '-M', '-d', `${site.folder}/${there.home}`],
    ...['-s', there.shell, '-c', there.comment],
    ...(there.group === 'own' ? ['-U'] : ['-g', there.group]),
    ...(there.groups.length === 0 ? [] : ['-G', there.groups.join(',')]),
  ]
  return sh`${begin}useradd ${words} ${name}`
}

export async function userObeys(site: HostSite, each: Case<typeof userCases>): Promise<void> {
  const { home, ...rest } = each.wish
  const wish: UserOptions = { ...rest, ...(home === undefined ? {} : { home: `${site.folder}/${home}` }) }
  await site.arrange(arrangement(site, each))
  await obey({
    connection: site.connection,
    resource: user(name, wish),
    look: () => accounts(site),
    wrong: (facts) => wrongUser(facts, wish),
    ending: () => (wish.uid === 4703 || wish.group === 'qsp-none' ? 'failure' : undefined),
    owns: (key) =>
      /^(?:passwd|shadow|group|gshadow) qsp-user$/.test(key) ||
      /^file .*: modified$/.test(key) ||
      key.startsWith(`${site.folder}`) ||
      (wish.groups ?? []).some((group) => key === `group ${group}` || key === `gshadow ${group}`),
    foretold: ({ summary }, before, after) => userForetold(summary, before, after, wish),
  })
}

function wrongUser(facts: Facts, wish: UserOptions): string | undefined {
  const is = entryOf(facts)
  if (is === undefined) return 'there is no user'
  if (wish.uid !== undefined && is.uid !== String(wish.uid)) return `the uid is ${is.uid}`
  if (wish.group !== undefined && gidOf(facts, wish.group) !== is.gid) return `the gid is ${is.gid}`
  if (wish.home !== undefined && is.home !== wish.home) return `the home is ${is.home}`
  if (wish.shell !== undefined && is.shell !== wish.shell) return `the shell is ${is.shell}`
  const missing = (wish.groups ?? []).filter(
    (group) => !is.groups.includes(group) && gidOf(facts, group) !== is.gid,
  )
  return missing.length === 0 ? undefined : `no member of ${missing.join()}`
}

function userForetold(summary: string, before: Facts, after: Facts, wish: UserOptions): void {
  const [was, is] = [entryOf(before), entryOf(after)]
  const said = (pattern: string, when: boolean) => {
    if (summary.includes(pattern) !== when) throw new Error(`"${summary}" is not what became: ${pattern}`)
  }
  if (was === undefined) {
    said('create', true)
    const home = after.get(`${is?.home}: uid`)
    if (wish.system !== true && home !== is?.uid) throw new Error(`the new home belongs to ${home}`)
    return
  }
  said('create', false)
  said(`uid ${was.uid} → ${is?.uid}`, was.uid !== is?.uid)
  said(`home ${was.home} → ${is?.home}`, was.home !== is?.home)
  said(`shell ${was.shell} → ${is?.shell}`, was.shell !== is?.shell)
  said('group ', was.gid !== is?.gid)
  said('member of', was.groups.length !== is?.groups.length)
}

/** A group wished by name and number, where there may be one, with members and users whose first group it is. */
export const groupCases = fc.record({
  there: fc.option(fc.record({ gid: fc.constantFrom(4711, 4712), first: fc.boolean() }), { freq: 4 }),
  wish: fc.record({ gid: fc.constantFrom(4710, 4711, 4712), system: fc.boolean() }, { requiredKeys: [] }),
  gone: fc.boolean(),
})

export async function groupObeys(site: HostSite, each: Case<typeof groupCases>): Promise<void> {
  const { there, wish, gone } = each
  const first = there?.first === true ? sh`useradd -u 4703 -M -g ${name} ${neighbour}` : sh`:`
  await site.arrange(sh`${sweepAccounts}
groupadd -g 4710 ${side}
${there === null ? sh`:` : sh`groupadd -g ${there.gid} ${name}; usermod -a -G ${name} nobody`}
${first}`)
  await obey({
    connection: site.connection,
    resource: gone ? absentGroup(name) : group(name, wish),
    look: () => accounts(site),
    wrong: (facts) => {
      const gid = gidOf(facts, name)
      if (gone) return gid === undefined ? undefined : 'the group is there'
      if (gid === undefined) return 'there is no group'
      return wish.gid === undefined || String(wish.gid) === gid ? undefined : `the gid is ${gid}`
    },
    ending: (before) => {
      const there = gidOf(before, name) !== undefined
      if (gone) return there && before.has(`passwd ${neighbour}`) ? 'failure' : undefined
      return wish.gid === 4710 ? 'failure' : undefined
    },
    owns: (key) =>
      /^(?:group|gshadow) qsp-user$/.test(key) ||
      /^file .*: modified$/.test(key) ||
      // The number of a user's first group goes with it.
      key === `passwd ${neighbour}`,
    foretold: ({ summary }, before, after) => {
      const [was, is] = [gidOf(before, name), gidOf(after, name)]
      const made = wish.gid === undefined ? 'create' : `create (gid ${is})`
      const wanted = gone ? 'remove' : was === undefined ? made : `gid ${was} → ${is}`
      if (summary !== wanted) throw new Error(`"${summary}", not "${wanted}"`)
    },
  })
  await site.arrange(sh`gpasswd -d nobody ${name} 2>/dev/null || :`)
}

/** A user who shall not be; the home stays. */
export async function absentUserObeys(site: HostSite, each: Case<typeof userCases>): Promise<void> {
  await site.arrange(arrangement(site, each))
  await obey({
    connection: site.connection,
    resource: absentUser(name),
    look: () => accounts(site),
    wrong: (facts) => (entryOf(facts) === undefined ? undefined : 'the user is there'),
    owns: (key) =>
      /^(?:passwd|shadow|group|gshadow) qsp-user$/.test(key) ||
      /^file .*: modified$/.test(key) ||
      // It leaves the groups that it was a member of.
      (each.there?.groups ?? []).some((group) => key === `group ${group}` || key === `gshadow ${group}`),
    foretold: ({ summary }) => {
      if (summary !== 'remove') throw new Error(`"${summary}"`)
    },
  })
}
