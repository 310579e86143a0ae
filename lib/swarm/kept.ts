import { appendHistory, parseHistory, readHistory } from '../deploy/history.ts'
import { paths } from '../deploy/paths.ts'
import type { Deployed, Release } from '../deploy/release.ts'
import type { Fleet } from '../engine/fleet.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
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

/**
 * What the managers have kept, by the one that knows of the latest deploy. Those that were away then are given it as well, so
 * that nobody ever goes back to what one of them believes to be the last release. Throws where none answers.
 */
export async function keptByAll(fleet: Pick<Fleet, 'run'>, managers: readonly Host[]): Promise<Kept> {
  const asked = await Promise.allSettled(
    managers.map(async (host) => {
      const results = await fleet.run([host], 'read the history', () => readKept, { timeoutSeconds: 30 })
      return { host, kept: parseKept(results.get(host.name)?.stdout ?? '') }
    }),
  )
  const told = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const [latest] = told.toSorted((one, two) => (rank(one.kept) < rank(two.kept) ? 1 : -1))
  if (latest === undefined) {
    const why = asked.flatMap((each) => (each.status === 'rejected' ? [messageOf(each.reason)] : []))
    throw new QuaysideError(`no manager tells what was deployed: ${why.join('; ')}`)
  }
  const behind = told.filter(({ kept }) => rank(kept) !== rank(latest.kept)).map(({ host }) => host)
  if (behind.length > 0)
    await fleet.run(behind, 'tell it what was deployed while it was away', () => catchUp(latest.kept))
  return latest.kept
}

/** ISO 8601 in UTC, which sorts by time; "" where nothing was deployed yet. */
function lastAt({ history }: Kept): string {
  return history.at(-1)?.at ?? ''
}

/** The latest is worth most, and of those one that has its file as well. */
function rank(kept: Kept): string {
  return `${lastAt(kept)} ${kept.file === '' ? 0 : 1}`
}

/** Puts a history, and the file of its last release, in the place of what a manager has. */
function catchUp({ history, file }: Kept): Script {
  const last = history.at(-1)
  const path = `${paths.state}/history.jsonl`
  const text = history.map((each) => `${JSON.stringify(each)}\n`).join('')
  return lines(
    ...(last === undefined || file === '' ? [] : [keepFile(last, file)]),
    sh`umask 022
mkdir -p ${paths.state}
base64 -d > ${`${path}.new`}${feed(text)}sync ${`${path}.new`}
mv ${`${path}.new`} ${path}
`,
  )
}

/** Adds a release to the history; of files older than the last twenty deploys nothing is left. */
export function noteDeployed(deployed: StackDeployed): Script {
  return lines(
    appendHistory(deployed),
    raw(`cd ${folder} && ls -t | tail -n +21 | while read -r old; do rm -f "$old"; done`),
  )
}
