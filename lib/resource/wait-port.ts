import { sh } from '../script/index.ts'
import { matching, whole } from './argument.ts'
import type { Resource } from './resource.ts'
import { type WaitOptions, waiting } from './wait.ts'

export interface WaitForPortOptions extends WaitOptions {
  readonly port: number
  /** a name or an address as the host knows it; 127.0.0.1 unless told */
  readonly host?: string | undefined
  /** open unless told */
  readonly state?: 'open' | 'closed' | undefined
}

/**
 * A TCP port that answers, or that does not any more, asked from the host. It is asked once a second, and an answer
 * is waited for two seconds. A name that does not resolve is neither open nor closed.
 */
export function waitForPort(options: WaitForPortOptions): Resource {
  const { port, host = '127.0.0.1', state = 'open' } = options
  whole(port, 1, 65_535, 'port')
  matching(host, /^[A-Za-z0-9:][A-Za-z0-9.:_-]*$/, 'host')
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return waiting({
    id: `wait for ${place} ${state}`,
    until: `${place} is ${state}`,
    needs: sh`command -v bash >/dev/null || { echo 'bash is not there, which opens the port: install bash' >&2; exit 3; }`,
    // bash alone can open a port without a program that a host may lack; it is essential on Debian and Ubuntu.
    look: sh`said=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${host} ${port} 2>&1) && is=open || is=closed
said=$(printf '%s\\n' "$said" | sed -n '1s/^.*: //p')
case $said in *resolution* | *'not known'* | *'No address'*) is=unknown ;; esac
case $is in open) said=open ;; *) said="$is: \${said:-no answer within 2 s}" ;; esac
[ "$is" = ${state} ]`,
    options,
  })
}
