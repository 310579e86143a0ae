import { raw, type Script } from '../script/index.ts'
import type { Connection } from './connection.ts'
import { killTree } from './kill.ts'

/** What a connection that went away may have left running on its host: a script, below the shell that was ours. */
export interface Left {
  /** the shell's */
  readonly pid: number
  /** when that shell started, in clock ticks since boot (proc(5), field 22 of stat); "" where there is no /proc */
  readonly since: string
  /** what the script is for, as a person may see it */
  readonly title: string
  /** when the script's own time is over, by performance.now() */
  readonly until: number
}

/** Shell text that prints the shell's own pid and when it started. By builtins alone: it is in every connection's first trip. */
export const tellShell = `since=
if [ -r /proc/$$/stat ]; then IFS= read -r since </proc/$$/stat; set -- \${since##*) }; since=\${20}; shift $#; fi
echo "$$ $since"
unset since`

/**
 * Sees that nothing of a lost connection is at work any more, over a new one to the same host: what still runs is left
 * the time that it had, since an interrupted package manager is worse than a late one, and is then told to end (TERM,
 * then KILL). What it did is for the caller to look at. Throws a ConnectionError when this connection is lost too.
 */
export async function endLeft(
  connection: Connection,
  left: Left,
  { say, signal }: { say: (text: string) => void; signal: AbortSignal | undefined },
): Promise<void> {
  const what = inWords(left)
  if (left.since === '') return // without /proc nothing tells whether it is that shell still
  const run = async (seconds: number | undefined) => {
    const title = 'the wait for what a lost connection left'
    const options = {
      title,
      timeoutSeconds: (seconds ?? 0) + 30,
      ...(signal === undefined ? {} : { signal }),
    }
    return (await connection.run(awaitLeft(left, seconds), options)).stdout.trim()
  }
  if ((await run(undefined)) !== 'running') return say(`${what} has ended by itself`)
  const seconds = Math.max(0, Math.ceil((left.until - performance.now()) / 1000))
  if (seconds > 0) say(`waiting for ${what}, for ${seconds} s at most`)
  const ended = await run(seconds)
  say(ended === 'killed' ? `its time was over: ${what} was told to end` : `${what} has ended by itself`)
}

/** As a person may look for it on the host. */
export function inWords({ title, pid }: Left): string {
  return `${title} (below pid ${pid})`
}

/**
 * Waits so many seconds for the children of a shell, and ends what is there then, the shell too. Prints "gone" where
 * there is no such shell, "finished" where nothing runs below it (any more), else "killed"; where it is told not to
 * wait, "running", and lets it be.
 */
function awaitLeft({ pid, since }: Left, seconds: number | undefined): Script {
  return raw(`
same() { IFS= read -r line </proc/${pid}/stat || return 1; set -- \${line##*) }; [ "\${20}" = '${since}' ]; } 2>/dev/null
busy() {
  for each in /proc/[0-9]*/stat; do
    IFS= read -r line <"$each" || continue
    set -- \${line##*) }
    [ "$2" = ${pid} ] && [ "$1" != Z ] && return 0
  done
  return 1
} 2>/dev/null
same || { echo gone; exit; }
word=finished
tries=${(seconds ?? 0) * 2}
while busy && same; do
  ${seconds === undefined ? 'echo running; exit' : `[ "$tries" -gt 0 ] || { word=killed; break; }`}
  sleep 0.5 2>/dev/null || sleep 1
  tries=$((tries - 1))
done
if same; then (${killTree(pid)}); fi
echo "$word"
`)
}
