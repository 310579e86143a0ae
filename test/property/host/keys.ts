import fc from 'fast-check'
import { absentAuthorizedKey, authorizedKey, authorizedKeys } from '../../../lib/resource/index.ts'
import { feed, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { cutOn, cutPoint } from '../site.ts'
import { fact, pathOf } from '../tree.ts'
import { tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

export const keysUser = 'qsp-keys'
export const sweepKeys = sh`userdel -f ${keysUser} 2>/dev/null || :
`

/** A public key of the right shape, which no one has the private half of. */
const key = (letter: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`
const [one, two, three] = [key('A'), key('B'), key('C')]
const options = fc.constantFrom('', 'no-pty', 'from="10.0.0.0/8, ::1",command="echo \\"hi\\" # x"')
const comments = fc.constantFrom('', 'one@quayside.test', 'a comment of words', 'gr\u00fcn')
const lineOf = (option: string, text: string, comment: string) =>
  [option, text, comment].filter((part) => part !== '').join(' ')

/** Lines as people leave them: the same key twice, comments, blank lines, white space, CRLF, half a key. */
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(options, fc.constantFrom(one, two, three), comments).map((parts) => lineOf(...parts)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '# a note', '  ', `\t${one}  x`, `${two} x\r`, 'ssh-ed25519', `#${one}`),
  },
)

export const keysCases = fc.record({
  folder: fc.constantFrom('absent', 'theirs', 'open', 'root', 'link'),
  there: fc.oneof(fc.constant(null), fc.constantFrom('link', 'directory'), fc.array(line, { maxLength: 5 })),
  lastLine: fc.boolean(),
  mode: fc.constantFrom(0o600, 0o666),
  wish: fc.oneof(
    fc.record({
      as: fc.constant('one' as const),
      key: fc.constantFrom(one, two),
      options,
      comment: comments,
    }),
    fc.record({
      as: fc.constant('all' as const),
      keys: fc.subarray([one, two, three], { minLength: 1 }),
      exclusive: fc.boolean(),
    }),
    fc.record({ as: fc.constant('gone' as const), key: fc.constantFrom(one, two) }),
  ),
  noUser: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  cut: cutPoint,
})

type Case = typeof keysCases extends fc.Arbitrary<infer T> ? T : never

function resourceOf({ wish, noUser }: Case) {
  const user = noUser ? 'qsp-nobody' : keysUser
  if (wish.as === 'gone') return absentAuthorizedKey(user, wish.key)
  if (wish.as === 'all') return authorizedKeys(user, wish.keys, { exclusive: wish.exclusive })
  return authorizedKey(user, lineOf('', wish.key, wish.comment), { options: wish.options })
}

/** The keys that sshd would take, with their options: man 8 sshd. */
function keysIn(content: string): { key: string; options: string }[] {
  return content.split('\n').flatMap((text) => {
    const found = /^(?:((?:[^\s"]|"(?:\\"|[^"])*")+)[ \t]+)?(ssh-ed25519[ \t]+[\w+/]{60,})(?:\s|$)/.exec(
      text.trim(),
    )
    if (found === null || text.trim().startsWith('#')) return []
    return [{ options: found[1] ?? '', key: (found[2] ?? '').split(/\s+/).join(' ') }]
  })
}

export async function keysObey(site: HostSite, each: Case): Promise<void> {
  const { folder, there, lastLine, mode, wish, noUser, cut } = each
  const home = `${site.folder}/keys`
  const [ssh, path] = [`${home}/.ssh`, `${home}/.ssh/authorized_keys`]
  const inside = folder === 'absent' ? null : there
  const bytes = Array.isArray(inside) ? Buffer.from(`${inside.join('\n')}${lastLine ? '\n' : ''}`) : undefined
  await site.arrange(sh`${sweepKeys}
rm -rf ${home} ${`${site.folder}/elsewhere`}
useradd -m -d ${home} -s /bin/sh -u 4720 ${keysUser}
mkdir -p ${`${site.folder}/elsewhere`}
${folder === 'absent' ? sh`:` : folder === 'link' ? sh`ln -s ../elsewhere ${ssh}` : sh`mkdir -m 0700 ${ssh}`}
${inside === 'link' ? sh`ln -s /etc/passwd ${path}` : inside === 'directory' ? sh`mkdir ${path}` : sh`:`}
${bytes === undefined ? sh`:` : sh`base64 -d >${path}${feed(bytes)}chmod 0${mode.toString(8)} ${path}; chown 4720:4720 ${path}`}
${folder === 'absent' || folder === 'root' ? sh`:` : sh`chown -h 4720:4720 ${ssh}`}
${folder === 'open' ? sh`chmod 0777 ${ssh}` : sh`:`}`)
  const gid = 4720
  await obey({
    connection: site.connection,
    resource: resourceOf(each),
    look: () =>
      together(
        treeFacts(site.connection, [site.folder]),
        tableFacts(site.connection, sh`printf 'passwd\\t%s\\n' "$(sha256sum </etc/passwd)"`),
      ),
    wrong: (facts) => {
      const content = fact(facts, path, 'content')
      const keys = keysIn(content ?? '')
      if (noUser || (wish.as === 'gone' && content === undefined)) return undefined
      return (
        wrongAccess(facts, ssh, '0700', gid) ?? wrongAccess(facts, path, '0600', gid) ?? wrongKeys(keys, wish)
      )
    },
    ending: (before) => {
      if (noUser) return wish.as === 'gone' ? undefined : 'unknown'
      const bad = (at: string, kind: string) => ![undefined, kind].includes(fact(before, at, 'kind'))
      return bad(ssh, 'directory') || bad(path, 'file') ? 'conflict' : undefined
    },
    owns: (key) => [ssh, path].includes(pathOf(key)) || key === `${home}: modified`,
    foretold: (_, before, after) => {
      // Notes, and what is no key of ours, stay, but where no other key may.
      if (wish.as === 'all' && wish.exclusive) return
      const mine = wish.as === 'all' ? wish.keys : [wish.key]
      const rest = (facts: Facts) =>
        (fact(facts, path, 'content') ?? '')
          .split('\n')
          .filter((text) => text !== '' && !keysIn(text).some(({ key }) => mine.includes(key)))
          .join('\n')
      if (rest(before) !== rest(after)) throw new Error(`other lines: ${rest(before)} → ${rest(after)}`)
    },
    ...cutOn(site, cut),
  })
}

function wrongAccess(facts: Facts, at: string, mode: string, uid: number): string | undefined {
  const is = (['mode', 'uid'] as const).map((what) => fact(facts, at, what)).join(' ')
  return is === `${mode} ${uid}` ? undefined : `${at} has ${is}`
}

function wrongKeys(keys: ReturnType<typeof keysIn>, wish: Case['wish']): string | undefined {
  const times = (text: string) => keys.filter((each) => each.key === text).length
  if (wish.as === 'gone') return times(wish.key) === 0 ? undefined : 'the key is there'
  const wanted =
    wish.as === 'one'
      ? [{ key: wish.key, options: wish.options }]
      : wish.keys.map((text) => ({ key: text, options: '' }))
  for (const { key: text, options: wished } of wanted) {
    if (times(text) !== 1) return `a key is there ${times(text)} times`
    if (!keys.some((each) => each.key === text && each.options === wished)) return 'its options are others'
  }
  const most = wish.as === 'all' && wish.exclusive ? wanted.length : keys.length
  return keys.length <= most ? undefined : 'other keys are there'
}
