import { type Script, sh } from '../script/index.ts'
import { matching } from './argument.ts'

/** A probe of docker's own: ends with a code other than 0, and the reason on stderr, where docker does not answer. */
export function dockerProbe(look: Script): Script {
  return sh`command -v docker >/dev/null || { echo 'docker is not installed' >&2; exit 3; }
${look}`
}

/** What stands behind `||` when docker found nothing: told apart from a daemon that does not answer. */
export const orAbsent: Script = sh`{ docker version -f '{{.Server.Version}}' >/dev/null || exit 3; echo absent=yes; }`

/** A name that docker gives to containers, networks and volumes. */
export function dockerName(name: string, what: string): string {
  return matching(name, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/, what)
}
