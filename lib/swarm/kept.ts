import { appendHistory, parseHistory, readHistory } from '../deploy/history.ts'
import { paths } from '../deploy/paths.ts'
import type { Deployed, Release } from '../deploy/release.ts'
import { feed, lines, raw, type Script, sh } from '../script/index.ts'
import { restoreConfig, type Stored } from './content.ts'

/** A line of the history on the managers. Its `config` stands for the stack's file, which lies beside the history. */
export type StackDeployed = Release &
  Omit<Deployed, 'colour' | 'kind'> & { readonly kind: 'deploy' | 'rollback' | 'scale' }

const folder = `${paths.state}/stacks`
const fileOf = (release: Release) => `${folder}/${release.config}.yaml`
/** what the configs of those files say: the swarm itself forgets one once no service uses it */
const configs = `${folder}/configs`

/** Keeps the file of a release on a manager, to go back to, and its configs; of secrets it has the names alone. */
export function keepFile(release: Release, text: string, stored: readonly Stored[]): Script {
  return lines(
    sh`set -e
umask 077
mkdir -p ${configs}`,
    ...stored.flatMap(({ kind, object, content }) =>
      kind === 'config' && typeof content === 'string' ? [whole(`${configs}/${object}`, content)] : [],
    ),
    whole(fileOf(release), text),
  )
}

/** A disk that is full leaves no half of a file by this name. */
function whole(path: string, content: string): Script {
  return sh`base64 -d > ${`${path}.new`}${feed(content)}sync ${`${path}.new`}
mv ${`${path}.new`} ${path}`
}

/** Prints the file of a release of the history; nothing where this manager does not have it. */
export function readFile(release: Release): Script {
  return sh`cat ${fileOf(release)} 2>/dev/null || :
`
}

/** Stores configs of a kept file again that the swarm has forgotten, as far as this manager has kept them. */
export function restoreConfigs(stack: string, objects: readonly string[]): Script {
  return lines(...objects.map((object) => restoreConfig(stack, object, `${configs}/${object}`)))
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

/** Adds a release to the history; of files older than the last twenty deploys nothing is left, nor of what they alone need. */
export function noteDeployed(deployed: StackDeployed): Script {
  return lines(
    appendHistory(deployed),
    raw(`cd ${folder} && ls -td -- *.yaml | tail -n +21 | while read -r old; do rm -f "$old"; done
for each in configs/*; do grep -qsF "name: \${each#configs/}" *.yaml || rm -f "$each"; done`),
  )
}
