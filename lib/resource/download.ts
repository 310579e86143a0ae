import { type Script, sh } from '../script/index.ts'
import { type Account, absolutePath, account, matching, octal, oneLine } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { lacksAccounts, lacksFolder, readLacks } from './lacks.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged } from './resource.ts'
import { type Access, accessChanges, accessScript, readStanding, standingScript } from './standing.ts'

/** Where something is fetched from, and what must come: without the hash, a server could send anything. */
export interface Remote {
  /** http, https or file, with no user and password in it */
  readonly url: string
  /** of the bytes that come, 64 hex digits */
  readonly sha256: string
}

export interface DownloadOptions extends Common, Remote {
  /** 0o644 unless told */
  readonly mode?: number | undefined
  /** root unless told */
  readonly owner?: Account | undefined
  /** root unless told */
  readonly group?: Account | undefined
  /** a check of the new file before it takes its place: no command of it may fail, and one behind `!` never does */
  readonly validate?: ((candidatePath: string) => Script) | undefined
}

/** A file that the host itself fetches from a URL (Ansible's get_url). Its hash says whether it is the right one. */
export function download(path: string, options: DownloadOptions): Resource {
  const { validate, notify } = options
  const remote = checkedRemote(options)
  absolutePath(path)
  const access: Access = {
    mode: options.mode ?? 0o644,
    owner: account(options.owner ?? 'root', 'owner'),
    group: account(options.group ?? 'root', 'group'),
  }
  octal(access.mode)
  const write = replaceAtomically(
    path,
    (candidate) => sh`${fetched(remote, sh`${candidate}`)}
${accessScript(candidate, access)}
${validate === undefined ? sh`` : validate(candidate)}
sync -- ${candidate}`,
  )
  return resource({
    id: `download ${path}`,
    probe: sh`${standingScript(path)}
${lacksAccounts(access)}${lacksFolder(path)}
if [ -f ${path} ] && [ ! -L ${path} ]; then echo "sha256=$(sha256sum <${path})"; fi
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const is = readStanding(found.get('standing'))
      const sum = found.get('sha256')?.split(' ')[0]
      if (is.type === 'directory') throw new Conflict(`a directory stands at ${path}, where a file should be`)
      const summary = is.type === 'absent' ? `fetch ${remote.url}` : `replace by ${remote.url}`
      const diff = `${sum === undefined ? '' : `-sha256 ${sum}\n`}+sha256 ${remote.sha256}`
      const lacks = readLacks(found)
      if (sum !== remote.sha256)
        return { kind: 'change', summary, diff, apply: write, timeoutSeconds: 1800, ...lacks }
      const differs = accessChanges(is, access)
      if (differs.length === 0) return unchanged
      const apply = sh`set -e
${accessScript(path, access)}
`
      return { kind: 'change', summary: differs.join(', '), apply, ...lacks }
    },
    notify,
  })
}

/** The remote itself when its URL and its hash are what they must be. */
export function checkedRemote({ url, sha256 }: Remote): Remote {
  matching(oneLine(url, 'url'), /^(?:https?|file):\/\/[^\s'"\\]+$/, 'url')
  if (/^\w+:\/\/[^/]*@/.test(url))
    throw new TypeError('url must hold no user and password: they would be seen')
  return { url, sha256: matching(sha256, /^[0-9a-f]{64}$/, 'sha256') }
}

/**
 * Fetches into `to`, a word of sh, and checks the hash; stands under `set -e`. apt's own helper is on every Debian,
 * also where neither curl nor wget is.
 */
export function fetched({ url, sha256 }: Remote, to: Script): Script {
  return sh`if command -v curl >/dev/null; then
  curl -fsSL --retry 2 --connect-timeout 20 -o ${to} ${url}
elif command -v wget >/dev/null && [ ${url.startsWith('file:') ? 'file' : 'http'} = http ]; then
  wget -q --tries=3 -T 60 -O ${to} ${url} || { echo ${`wget could not fetch ${url}`} >&2; exit 1; }
elif [ -x /usr/lib/apt/apt-helper ]; then
  /usr/lib/apt/apt-helper -q -o APT::Sandbox::User=root download-file ${url} ${to} >/dev/null
else
  echo 'this host has neither curl nor wget' >&2; exit 1
fi
sum=$(sha256sum <${to}); sum=\${sum%% *}
[ "$sum" = ${sha256} ] || { printf '%s came with sha256 %s, not the %s that was asked for\\n' ${url} "$sum" ${sha256} >&2; exit 1; }`
}
