import { feed, type Script, sh } from '../script/index.ts'
import { type Secret, text } from '../secret/index.ts'
import { absolutePath, matching, oneLine } from './argument.ts'

/** How a repository is reached. */
export interface GitRemote {
  /** "https://github.com/a/b.git", "ssh://git@host/a/b.git", "git@host:a/b.git", "file:///srv/b.git" */
  readonly repo: string
  /** for https: what git's question for a user and password is answered with */
  readonly credentials?: { readonly username: string; readonly password: Secret } | undefined
  /** for ssh: a private key on the host that the owner may read, and whose passphrase is empty */
  readonly sshKey?: string | undefined
  /** for ssh: where the server's key stands; the owner's own unless told. A server not in it is refused. */
  readonly knownHosts?: string | undefined
}

/** The repository's URL when it is one that git can take, with no secret in it. */
export function checkedRepo({ repo, credentials }: GitRemote): string {
  matching(oneLine(repo, 'repo'), /^(?:(?:https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:|\/)[^\s'"\\]+$/, 'repo')
  if (/^https?:\/\/[^/]*@/.test(repo) || /^\w+:\/\/[^/]*:[^/]*@/.test(repo)) {
    throw new TypeError('repo must hold no user and password, which would be seen: give credentials')
  }
  if (credentials !== undefined && !/^https?:/.test(repo))
    throw new TypeError('credentials are for https alone')
  return repo
}

/**
 * Defines `remote_git`: git that never asks, and that reaches the repository as told. The password stands in a file
 * without a name, open as descriptor 9, which git's helper reads: in no argument, no environment and no configuration.
 */
export function remoteGit(remote: GitRemote, owner: string | undefined): Script {
  const { credentials, sshKey, knownHosts } = remote
  const ssh = [
    'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes',
    ...(sshKey === undefined ? [] : [`-o IdentitiesOnly=yes -i ${plainPath(sshKey, 'sshKey')}`]),
    ...(knownHosts === undefined ? [] : [`-o UserKnownHostsFile=${plainPath(knownHosts, 'knownHosts')}`]),
  ].join(' ')
  const environment = sh`export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=/bin/false GIT_SSH_COMMAND=${ssh} LC_ALL=C.UTF-8`
  if (credentials === undefined)
    return sh`${environment}
remote_git() { own_git "$@"${owner === undefined ? sh`` : sh` || agentless $?`}; }
${owner === undefined ? sh`` : agentless(owner)}`
  oneLine(credentials.username, 'username')
  if (/[\n\r\0]/.test(credentials.password.reveal())) throw new TypeError('password must be one line')
  const answer = text`username=${credentials.username}\npassword=${credentials.password}\n`
  const scope = `credential.${new URL(remote.repo).origin}.helper`
  return sh`${environment}
held=$(umask 077 && mktemp)
${owner === undefined ? sh`` : sh`[ "$(id -u)" != 0 ] || chown -- ${owner} "$held"`}
exec 9<>"$held"
rm -f -- "$held"
base64 -d >&9${feed(answer)}remote_git() {
  own_git -c ${`${scope}=`} -c ${`${scope}=!f() { [ "$1" != get ] || cat /proc/self/fd/9; }; f`} "$@"
}`
}

/** Defines `own_git`: git as the user that the checkout belongs to, which git insists on. */
export function ownGit(owner: string | undefined): Script {
  if (owner === undefined) return sh`own_git() { git "$@"; }`
  return sh`entry=$(getent passwd ${owner}) || { echo ${`the user ${owner} is not there`} >&2; exit 3; }
home=\${entry%:*}; home=\${home##*:}
own_git() {
  if [ "$(id -u)" != 0 ]; then git "$@"; return; fi
  HOME=$home setpriv --reuid=${owner} --regid="$(id -g -- ${owner})" --init-groups -- git "$@"
}`
}

/** Why git may have been let in nowhere: the socket of a forwarded agent lies in a folder that only the login and root may enter. */
function agentless(owner: string): Script {
  const words = `${owner} cannot use the agent that is forwarded to the login: let root own the checkout, or give it an sshKey`
  return sh`agentless() {
  [ -z "\${SSH_AUTH_SOCK-}" ] || [ "$(id -u)" != 0 ] || [ "$(id -u -- ${owner})" = 0 ] || echo ${words} >&2
  return "$1"
}`
}

function plainPath(path: string, what: string): string {
  return matching(absolutePath(path, what), /^[\w./@+-]+$/, what)
}
