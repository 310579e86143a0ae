import fc from 'fast-check'
import type { Connection } from '../../../lib/connection/connection.ts'
import { absentArchive, archive, download, gitCheckout } from '../../../lib/resource/index.ts'
import { feed, sh } from '../../../lib/script/index.ts'
import { accessForetold, wrongAccess } from '../access.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { fileMode, oddBytes, oddName } from '../odd.ts'
import { cutOn, cutPoint } from '../site.ts'
import { at, place, settle, thing } from '../standing.ts'
import { fact, pathOf } from '../tree.ts'
import { demand, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

/** A file that the host fetches itself, wished where anything may stand. */
export const downloadCases = fc.record({
  where: place,
  there: thing('file'),
  content: oddBytes,
  same: fc.boolean(),
  mode: fileMode,
  owner: fc.nat({ max: 7 }),
  wrongHash: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  cut: cutPoint,
})

export async function downloadObeys(site: HostSite, each: Case<typeof downloadCases>): Promise<void> {
  const { where, there, mode, wrongHash, cut } = each
  const grove = await site.grove()
  const path = at(where)
  await settle(grove, where, there, site.owners)
  const content = each.same && there.kind === 'file' ? there.content : each.content
  const remote = `${site.folder}/remote`
  await site.arrange(sh`base64 -d >${remote}${feed(Buffer.from(content, 'latin1'))}`)
  const sum = (await demand(site.connection, sh`sha256sum <${remote}`)).slice(0, 64)
  const owner = site.owners[each.owner % site.owners.length] ?? site.owners[0]
  const holds = (facts: Facts) =>
    fact(facts, path, 'kind') === 'file' && fact(facts, path, 'content') === content
  await obey({
    connection: site.connection,
    resource: download(`${grove.folder}/${path}`, {
      url: `file://${remote}`,
      sha256: wrongHash ? '0'.repeat(64) : sum,
      mode,
      owner: owner.user,
      group: owner.gid,
    }),
    look: grove.look,
    wrong: (facts) => {
      if (wrongHash) return 'no file has that hash'
      return holds(facts) ? wrongAccess(facts, path, mode, owner) : 'its content is another'
    },
    ending: (before) => {
      if (fact(before, path, 'kind') === 'directory') return 'conflict'
      return wrongHash ? 'failure' : undefined
    },
    owns: (key) => pathOf(key) === path || key === `${where.parent}: modified`,
    foretold: ({ summary }, before, after) => {
      if (fact(before, path, 'kind') === 'file' && holds(before)) accessForetold(summary, before, after, path)
      else if (!/^(?:fetch|replace by) file:/.test(summary)) throw new Error(`"${summary}"`)
    },
    ...(wrongHash ? {} : cutOn(site, cut)),
  })
}

/** What is packed: files below a folder that strip may take away. */
const packed = fc.uniqueArray(
  fc.record({
    name: oddName.filter((name) => !name.includes('\\')),
    content: oddBytes,
    executable: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
)

export const archiveCases = fc.record({
  there: fc.constantFrom('absent', 'empty', 'same', 'same', 'older', 'theirs', 'file', 'link', 'died'),
  mode: fc.constantFrom(0o755, 0o750),
  isMode: fc.constantFrom(0o755, 0o700),
  owner: fc.nat({ max: 2 }),
  packed,
  strip: fc.constantFrom(0, 1, 3),
  hashed: fc.boolean(),
  format: fc.constantFrom('tar', 'tar.gz'),
  noArchive: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  gone: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  cut: cutPoint,
})

export async function archiveObeys(site: HostSite, each: Case<typeof archiveCases>): Promise<void> {
  const { there, mode, isMode, packed, hashed, format, gone, cut } = each
  // A change that fails puts right what a run that died left, and so does not leave all as it was.
  const died = there === 'died'
  const strip = died ? 1 : each.strip
  const noArchive = each.noArchive && !died
  const owner = site.owners[each.owner] ?? site.owners[0]
  const grove = await site.grove()
  const file = `${site.folder}/archive.${format}`
  await grove.plant([
    { at: 'from', kind: 'directory' },
    { at: 'from/top', kind: 'directory', mode: 0o755 },
    ...packed.map(({ name, content, executable }) => ({
      at: `from/top/${name}`,
      kind: 'file' as const,
      content,
      mode: executable ? 0o755 : 0o644,
    })),
    { at: 'beside', kind: 'directory' },
  ])
  const path = `${grove.folder}/beside/unpacked`
  await site.arrange(
    sh`tar -C ${`${grove.folder}/from`} -c ${format === 'tar.gz' ? ['-z'] : []} -f ${file} top`,
  )
  const sum = (await demand(site.connection, sh`sha256sum <${file}`)).slice(0, 64)
  const options = { strip, owner: owner.user, group: owner.group, mode }
  const wish = archive(path, { from: hashed ? { path: file, sha256: sum } : { path: file }, ...options })
  if (there === 'same' || there === 'older' || there === 'died') {
    const made = archive(path, {
      from: { path: file, sha256: sum },
      ...options,
      // strip 3 leaves nothing, and cannot have been made.
      ...(there === 'older' || strip === 3 ? { strip: strip === 0 ? 1 : 0 } : {}),
    })
    const plan = made.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    await site.arrange(sh`${plan.kind === 'change' ? plan.apply : sh`:`}
chmod ${isMode.toString(8)} ${path}; : >${`${path}/added`}
${there === 'died' ? sh`mv ${path} ${`${grove.folder}/beside/.unpacked.quayside-old`}; mkdir ${`${grove.folder}/beside/.unpacked.quayside`}` : sh`:`}`)
  } else {
    const stand = {
      absent: sh`:`,
      empty: sh`mkdir -m ${isMode.toString(8)} ${path}`,
      theirs: sh`mkdir ${path}; echo precious >${`${path}/file`}`,
      file: sh`echo x >${path}`,
      link: sh`ln -s . ${path}`,
    }
    await site.arrange(stand[there])
  }
  if (noArchive) await site.arrange(sh`rm ${file}`)
  const below = 'beside/unpacked'
  await obey({
    connection: site.connection,
    resource: gone ? absentArchive(path) : wish,
    look: grove.look,
    wrong: (facts) => {
      if (gone) return fact(facts, below, 'kind') === undefined ? undefined : 'it is there'
      const wrong = wrongAccess(facts, below, mode, owner)
      if (wrong !== undefined) return wrong
      const mark = fact(facts, `${below}/.quayside-archive`, 'content')
      if (!mark?.includes(sum) || !mark.includes(`strip ${strip} `)) return `it is of ${mark}`
      for (const { name, content, executable } of packed) {
        const at = `${below}/${strip === 0 ? `top/${name}` : name}`
        if (fact(facts, at, 'content') !== content) return `${at} holds something else`
        const other = wrongAccess(facts, at, executable ? 0o755 : 0o644, owner)
        if (other !== undefined) return other
      }
      return undefined
    },
    ending: (before) => {
      const kind = fact(before, below, 'kind')
      const ours = fact(before, `${below}/.quayside-archive`, 'kind') !== undefined
      if (kind !== undefined && !ours && !(there === 'empty' && !gone)) return 'conflict'
      if (gone) return undefined
      if (noArchive && !hashed) return 'unknown'
      const done = there === 'same' && strip !== 3
      return !done && (noArchive || strip === 3) ? 'failure' : undefined
    },
    owns: (key) =>
      pathOf(key) === below ||
      key.startsWith(`${below}/`) ||
      key === 'beside: modified' ||
      // What a run that died left is put right, or cleared.
      key.startsWith('beside/.unpacked.quayside'),
    foretold: ({ summary }, before, after) => {
      if (gone || !summary.startsWith('unpack')) return
      const fresh = fact(after, `${below}/added`, 'kind') === undefined
      if (!fresh) throw new Error(`"${summary}" left what was added: ${[...before.keys()].length}`)
    },
    ...(noArchive || strip === 3 ? {} : cutOn(site, cut)),
  })
}

export const gitCases = fc.record({
  there: fc.constantFrom('absent', 'empty', 'clone', 'clone', 'clone', 'theirs', 'file'),
  at: fc.constantFrom('first', 'v1', 'main'),
  dirty: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  own: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  /** a file that git does not know */
  output: fc.boolean(),
  moved: fc.boolean(),
  wish: fc.constantFrom('main', 'v1', 'first', 'nonesuch'),
  depth: fc.option(fc.constant(1)),
  force: fc.boolean(),
})

/** A repository with two commits, a tag and a branch, and a second one of the same history. */
export async function originate(connection: Connection, folder: string): Promise<void> {
  await demand(
    connection,
    sh`cd ${folder}; export GIT_CONFIG_GLOBAL=/dev/null
git -c init.defaultBranch=main init -q work; cd work
one() { echo "$1" >"$2"; git add "$2"; git -c user.name=t -c user.email=t@quayside.test commit -qm "$1"; }
one first "odd name"; git tag first-light; one v1 file; git -c user.name=t -c user.email=t@quayside.test tag -am v1 v1; one second file
git clone -q --bare . ../origin.git; git clone -q --bare . ../other.git`,
  )
}

export async function gitObeys(site: HostSite, each: Case<typeof gitCases>): Promise<void> {
  const { there, dirty, own, output, moved, wish, depth, force } = each
  const grove = await site.grove()
  const path = `${grove.folder}/checkout`
  const commit = async (of: string) =>
    (await demand(site.connection, sh`git -C ${`${site.folder}/work`} rev-parse ${`${of}^{commit}`}`)).trim()
  const names = { first: 'first-light', v1: 'v1', main: 'main', nonesuch: 'main' }
  const version = wish === 'first' ? await commit('first-light') : wish
  const target = await commit(names[wish])
  const repo = `file://${site.folder}/origin.git`
  const cloned = sh`git clone -q ${moved ? `file://${site.folder}/other.git` : repo} ${path}
cd ${path}; git -c advice.detachedHead=false checkout -q --detach ${await commit(names[each.at])}
${own ? sh`echo mine >own; git add own; git -c user.name=t -c user.email=t@quayside.test commit -qm mine` : sh`:`}
${dirty ? sh`echo mine >"odd name"` : sh`:`}
${output ? sh`echo built >build-output` : sh`:`}
cd /`
  const stand = {
    absent: sh`:`,
    empty: sh`mkdir ${path}`,
    clone: cloned,
    theirs: sh`mkdir ${path}; echo x >${`${path}/x`}`,
    file: sh`echo x >${path}`,
  }
  await site.arrange(stand[there])
  const isClone = there === 'clone'
  await obey({
    connection: site.connection,
    resource: gitCheckout(path, { repo, version, force, ...(depth === null ? {} : { depth }) }),
    // What git keeps for itself may change with any look; what it has checked out, and where it stands, may not.
    look: async () => {
      const all = await treeFacts(site.connection, [grove.folder], grove.folder)
      const git = await site.connection.run(sh`cd ${path} 2>/dev/null && [ -d .git ] || exit 0
printf 'head=%s\\n' "$(git rev-parse HEAD)"; printf 'origin=%s\\n' "$(git config remote.origin.url)"
git --no-optional-locks status --porcelain | sed 's/^/status=/'`)
      const kept = [...all].filter(([key]) => !key.startsWith('checkout/.git'))
      const lines = git.stdout.split('\n').filter(Boolean)
      return new Map([...kept, ...lines.map((line, index): [string, string] => [`git ${index}`, line])])
    },
    wrong: (facts) => {
      const told = [...facts].filter(([key]) => key.startsWith('git ')).map(([, line]) => line)
      if (!told.includes(`head=${target}`)) return `it is at ${told[0]}`
      if (!told.includes(`origin=${repo}`)) return `it comes from ${told[1]}`
      const changed = told.filter((line) => line.startsWith('status=') && !line.startsWith('status=??'))
      return changed.length === 0 ? undefined : changed.join()
    },
    ending: () => {
      if (there === 'theirs' || there === 'file') return 'conflict'
      if (wish === 'nonesuch') return 'unknown'
      return isClone && !force && (dirty || own) ? 'conflict' : undefined
    },
    owns: (key) => {
      if (key.startsWith('git ') || key === ': modified') return true
      if (isClone && pathOf(key) === 'checkout/build-output') return false
      return key.startsWith('checkout')
    },
    foretold: ({ summary }) => {
      const said = (pattern: RegExp, when: boolean) => {
        if (pattern.test(summary) !== when) throw new Error(`"${summary}" is not what became of it`)
      }
      said(/^clone /, !isClone)
      said(/^origin /, isClone && moved)
      said(/throw away changes/, isClone && dirty)
    },
  })
}
