import { sh } from '../script/index.ts'
import { absolutePath, oneLine } from './argument.ts'
import type { Resource } from './resource.ts'
import { type WaitOptions, waiting } from './wait.ts'

export interface WaitForFileOptions extends WaitOptions {
  /** present unless told */
  readonly state?: 'present' | 'absent' | undefined
  /** POSIX extended regular expression that a line of the file must match */
  readonly matches?: string | undefined
}

/** A file, a directory or anything else at a path on the host, that something else makes or takes away. */
export function waitForFile(path: string, options: WaitForFileOptions = {}): Resource {
  const { state = 'present', matches } = options
  absolutePath(path)
  if (matches !== undefined) {
    oneLine(matches, 'matches')
    if (state === 'absent') throw new TypeError('a file that is absent has no line that matches')
  }
  const present =
    matches === undefined
      ? sh`[ -e ${path} ] || [ -L ${path} ] || { said='not there'; return 1; }`
      : sh`[ -e ${path} ] || { said='not there'; return 1; }
LC_ALL=C grep -aqE -e ${matches} -- ${path} || { said='there, without a line that matches'; return 1; }`
  const absent = sh`said=there
[ ! -e ${path} ] && [ ! -L ${path} ]`
  return waiting({
    id: `wait for ${path} ${state}`,
    until: `${path} is ${state === 'absent' ? 'gone' : 'there'}${matches === undefined ? '' : ` with ${matches}`}`,
    look: state === 'present' ? present : absent,
    options,
  })
}
