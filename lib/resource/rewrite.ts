import { feed, type Script, sh } from '../script/index.ts'
import { replaceAtomically } from './candidate.ts'
import { sha256 } from './content.ts'
import { type Access, accessScript } from './standing.ts'

/**
 * Puts `after` in the place of `before`, what was seen at a path (undefined: nothing stood there). A file that someone
 * else has changed since is left as it is, and that is said: a plan made from an old look never overwrites a newer
 * state.
 */
export function rewrite(
  path: string,
  before: string | undefined,
  after: string,
  access: Access | 'as it was',
): Script {
  const still =
    before === undefined
      ? sh`[ ! -e ${path} ] && [ ! -L ${path} ]`
      : sh`sum=$(sha256sum <${path}) && [ "\${sum%% *}" = ${sha256(Buffer.from(before, 'latin1'))} ]`
  return replaceAtomically(
    path,
    (candidate) => sh`{ ${still}; } || { echo ${`${path} was changed meanwhile: run again`} >&2; exit 1; }
${access === 'as it was' ? sh`cp -p -- ${path} ${candidate}` : sh`: >${candidate}`}
base64 -d >${candidate}${feed(Buffer.from(after, 'latin1'))}${access === 'as it was' ? sh`` : accessScript(candidate, access)}
sync -- ${candidate}`,
  )
}

/** Prints `NAME=` and a file in base64; nothing where there is none. */
export function printFile(name: string, path: string): Script {
  return sh`[ ! -f ${path} ] || printf '%s=%s\\n' ${name} "$(base64 -w 0 <${path})"`
}

/** A printed file, a character a byte, so that bytes which are no UTF-8 survive; `rewrite` takes it so. */
export function readBytes(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('latin1')
}
