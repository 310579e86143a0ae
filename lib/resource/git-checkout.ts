import { type Script, sh } from '../script/index.ts'
import { absolutePath, matching, whole } from './argument.ts'
import { checkedRepo, type GitRemote, ownGit, remoteGit } from './git-remote.ts'
import { accountName } from './group.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged, unknown } from './resource.ts'
import { swapDirectory } from './swap-directory.ts'

export interface GitCheckoutOptions extends Common, GitRemote {
  /** a whole commit of 40 hex digits, a tag, or a branch, which is followed */
  readonly version: string
  /** so many commits of history; all of it unless told */
  readonly depth?: number | undefined
  /** local changes and commits are thrown away; a Conflict unless told */
  readonly force?: boolean | undefined
  /** true brings submodules, and theirs; left empty unless told */
  readonly submodules?: boolean | undefined
  /** whose the checkout is, and as whom git runs; the login's own, root, unless told */
  readonly owner?: string | undefined
}

interface Observed {
  readonly state: 'absent' | 'checkout' | 'other'
  readonly head: string
  readonly origin: string
  /** lines of git status: files under git that are not as committed */
  readonly dirty: readonly string[]
  /** a commit that is here alone */
  readonly own: string | undefined
  readonly staleModules: boolean
  /** commits by full name of a branch or tag, as the server has them now */
  readonly refs: ReadonlyMap<string, string>
}

/**
 * A working copy of a git repository at a version, with a detached HEAD. For a branch or tag the server is asked in
 * each look where it stands. Files that git does not know are left alone. A directory that is no checkout is a Conflict.
 */
export function gitCheckout(path: string, options: GitCheckoutOptions): Resource {
  const { version, depth, owner, notify } = options
  if (absolutePath(path).split('/').length < 3) throw new TypeError(`${path} belongs to the system`)
  checkedRepo(options)
  if (depth !== undefined) whole(depth, 1, 1_000_000, 'depth')
  if (owner !== undefined) accountName(owner, 'owner')
  matching(version, /^[\w][\w./+@-]*$/, 'version')
  if (/\.\.|@\{|\/\/|\/$|\.lock$/.test(version)) throw new TypeError(`version is no name of git: ${version}`)
  return resource({
    id: `git checkout ${path}`,
    probe: probeOf(path, options),
    read: ({ stdout }) => readCheckout(stdout),
    plan: (is) => planCheckout(path, options, is),
    notify,
  })
}

function exact(version: string): boolean {
  return /^[0-9a-f]{40}$/.test(version)
}

function probeOf(path: string, options: GitCheckoutOptions): Script {
  const { version, owner, repo, submodules = false } = options
  const names = [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]
  const ask = sh`${remoteGit(options, owner)}
refs=$(remote_git ls-remote -- ${repo} ${names}) || exit 3
[ -z "$refs" ] || printf '%s\\n' "$refs" | sed 's/^/ref /'`
  return sh`command -v git >/dev/null || { echo 'this host has no git' >&2; exit 3; }
${ownGit(owner)}
cd /
if [ -d ${path} ] && [ ! -L ${path} ] && [ -e ${`${path}/.git`} ]; then
  echo state checkout
  cd ${path} || exit 3
  head=$(own_git rev-parse -q --verify 'HEAD^{commit}') || head=none
  echo "head $head"
  echo "origin $(own_git config --get remote.origin.url)"
  own_git --no-optional-locks status --porcelain --untracked-files=no --ignore-submodules=untracked | head -n 50 | sed 's/^/dirty /'
  own=$(own_git rev-list --max-count=1 HEAD --not --remotes --tags --glob=refs/quayside 2>/dev/null)
  [ -z "$own" ] || echo "own $own"
  ${submodules ? sh`! own_git submodule status --recursive 2>/dev/null | grep -q '^[-+U]' || echo modules stale` : sh``}
  cd /
elif [ ! -e ${path} ] && [ ! -L ${path} ]; then echo state absent
elif [ -d ${path} ] && [ -z "$(ls -A ${path})" ]; then echo state absent
else echo state other
fi
${exact(version) ? sh`` : ask}
:
`
}

function readCheckout(stdout: string): Observed {
  const lines = stdout.split('\n')
  const all = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const state = all('state')[0]
  return {
    state: state === 'absent' || state === 'checkout' ? state : 'other',
    head: all('head')[0] ?? '',
    origin: all('origin')[0] ?? '',
    dirty: all('dirty'),
    own: all('own')[0],
    staleModules: all('modules').length > 0,
    refs: new Map(
      all('ref').flatMap((line) => {
        const [commit, name] = line.split('\t')
        return commit === undefined || name === undefined ? [] : [[name, commit] as const]
      }),
    ),
  }
}

function planCheckout(path: string, options: GitCheckoutOptions, is: Observed): Plan {
  const { repo, version, force = false } = options
  if (is.state === 'other') {
    throw new Conflict(`what stands at ${path} is no git checkout`, {
      hint: 'look at what it holds, and remove it or choose another path',
    })
  }
  const target = targetOf(version, is.refs)
  if (target === undefined) return unknown(`${repo} has no branch or tag ${version}`)
  const { commit } = target
  if (is.state === 'absent') {
    const apply = swapDirectory(path, (candidate) => create(candidate, options, target))
    return {
      kind: 'change',
      summary: `clone ${repo} at ${called(version, commit)}`,
      apply,
      timeoutSeconds: 1800,
    }
  }
  if (!force) refuseLocal(path, is)
  const parts = [
    ...(is.origin === repo ? [] : [`origin ${withoutUser(is.origin)} → ${repo}`]),
    ...(is.head === commit ? [] : [`${is.head.slice(0, 10)} → ${called(version, commit)}`]),
    ...(is.dirty.length === 0 ? [] : [`throw away changes in ${is.dirty.length} files`]),
    ...(is.head === commit && is.staleModules ? ['update submodules'] : []),
  ]
  if (parts.length === 0) return unchanged
  const apply = sh`(
set -e
umask 022
cd -- ${path}
${checkout(options, target, force)}
)
`
  const diff = is.dirty.map((line) => `-${line}`).join('\n')
  return {
    kind: 'change',
    summary: parts.join(', '),
    ...(diff === '' ? {} : { diff }),
    apply,
    timeoutSeconds: 1800,
  }
}

interface Target {
  readonly commit: string
  /** the full name to fetch it by; undefined for a commit */
  readonly ref: string | undefined
}

/** A tag goes before a branch of the same name, as with git; an annotated one stands for its commit. */
function targetOf(version: string, refs: ReadonlyMap<string, string>): Target | undefined {
  if (exact(version)) return { commit: version, ref: undefined }
  const [tag, branch] = [`refs/tags/${version}`, `refs/heads/${version}`]
  const tagged = refs.get(`${tag}^{}`) ?? refs.get(tag)
  if (tagged !== undefined) return { commit: tagged, ref: tag }
  const head = refs.get(branch)
  return head === undefined ? undefined : { commit: head, ref: branch }
}

function refuseLocal(path: string, { dirty, own }: Observed): void {
  const hint = 'commit and push it, or let the checkout have force: true, which throws it away'
  if (dirty.length > 0) {
    throw new Conflict(
      `files were changed by hand in ${path}:\n${dirty.map((line) => `  ${line}`).join('\n')}`,
      { hint },
    )
  }
  if (own !== undefined)
    throw new Conflict(`the commit ${own.slice(0, 10)} in ${path} is nowhere else`, { hint })
}

function create(candidate: string, options: GitCheckoutOptions, target: Target): Script {
  const { owner } = options
  return sh`chmod 0755 ${candidate}
${owner === undefined ? sh`` : sh`[ "$(id -u)" != 0 ] || chown -- ${`${owner}:`} ${candidate}`}
(
cd -- ${candidate}
git_new=yes
${checkout(options, target, false)}
)`
}

/** Stands in the checkout, under `set -e`. What is checked out is the commit of the plan, wherever a branch is by now. */
function checkout(options: GitCheckoutOptions, { commit, ref }: Target, force: boolean): Script {
  const { repo, depth, owner, submodules = false, version } = options
  const shallow = depth === undefined ? [] : ['--depth', depth]
  const spec = ref === undefined ? commit : `+${ref}:${ref.replace('refs/heads/', 'refs/remotes/origin/')}`
  const all =
    ref === undefined
      ? sh` 2>/dev/null || remote_git fetch -q --force --tags origin '+refs/heads/*:refs/remotes/origin/*'`
      : sh``
  return sh`${ownGit(owner)}
${remoteGit(options, owner)}
[ -z "\${git_new-}" ] || own_git -c init.defaultBranch=main init -q
own_git config --get remote.origin.url >/dev/null || own_git remote add origin ${repo}
own_git remote set-url origin ${repo}
there() { own_git cat-file -e ${`${commit}^{commit}`} 2>/dev/null; }
there || remote_git fetch -q --force --no-tags ${shallow} origin ${spec}${all}
there || { echo ${`${repo} no longer has ${called(version, commit)}: run again`} >&2; exit 1; }
${force ? sh`own_git rev-parse -q --verify HEAD >/dev/null && own_git reset -q --hard` : sh``}
own_git -c advice.detachedHead=false checkout -q ${force ? ['--force'] : []} --detach ${commit}
own_git update-ref refs/quayside/checkout ${commit}
${
  submodules
    ? sh`own_git submodule -q sync --recursive
remote_git submodule -q update --init --recursive ${force ? ['--force'] : []} ${shallow}`
    : sh``
}`
}

function called(version: string, commit: string): string {
  return exact(version) ? commit.slice(0, 10) : `${version} (${commit.slice(0, 10)})`
}

/** Someone may have cloned by hand with a token in the URL: it is not shown. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//')
}
