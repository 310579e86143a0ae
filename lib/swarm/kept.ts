import { appendHistory, parseHistory, readHistory } from '../deploy/history.ts'
import { paths } from '../deploy/paths.ts'
import type { Deployed, Release } from '../deploy/release.ts'
import { feed, lines, raw, type Script, sh } from '../script/index.ts'

/** A line of the history on the managers. Its `config` stands for the stack's file, which lies beside the history. */
export type StackDeployed = Release & Omit<Deployed, 'colour'>

const folder = `${paths.state}/stacks`
const fileOf = (release: Release) => `${folder}/${release.config}.yaml`

/** Keeps the file of a release on a manager, to go back to; it names secrets, and holds none. */
export function keepFile(release: Release, text: string): Script {
  const path = fileOf(release)
  // A disk that is full leaves no half of a file by this name.
  return sh`set -e
umask 077
mkdir -p ${folder}
base64 -d > ${`${path}.new`}${feed(text)}sync ${`${path}.new`}
mv ${`${path}.new`} ${path}
`
}

const gap = '--quayside-file--'

/** Prints the history, and the file of its last release. */
export const readKept: Script = lines(
  readHistory,
  sh`echo; echo ${gap}`,
  raw(
    `last=$(tail -n 1 ${paths.state}/history.jsonl 2>/dev/null | sed -n 's/.*"config":"\\([0-9a-f]*\\)".*/\\1/p')`,
  ),
  raw(`[ -n "$last" ] && cat ${folder}/"$last".yaml 2>/dev/null || :`),
)

/** What a manager has kept: the releases, the oldest first, and the file of the last one. */
export interface Kept {
  readonly history: readonly StackDeployed[]
  readonly file: string
}

export function parseKept(stdout: string): Kept {
  const [history = '', file = ''] = stdout.split(`\n${gap}\n`)
  return { history: parseHistory<StackDeployed>(history), file }
}

/** Adds a release to the history; of files older than the last twenty deploys nothing is left. */
export function noteDeployed(deployed: StackDeployed): Script {
  return lines(
    appendHistory(deployed),
    raw(`cd ${folder} && ls -t | tail -n +21 | while read -r old; do rm -f "$old"; done`),
  )
}
