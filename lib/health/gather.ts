import { randomBytes } from 'node:crypto'
import { lines, raw, type Script, sh } from '../script/index.ts'

/** what a check may take: longer is as good as no answer to whoever waits for it */
export const checkSeconds = 5

/** milliseconds from which on a code of timeout's means just that; scripts give what they ask inside a container 4 s */
const cutMs = 3500

/** What a check's script said. */
export interface Answer {
  readonly code: number
  /** its first 65,536 bytes */
  readonly stdout: string
  /** its first 2,000 bytes */
  readonly stderr: string
  readonly ms: number
  /** it took more than `checkSeconds`, and was ended */
  readonly cut: boolean
}

/**
 * Many scripts as one that runs them at the same time, each in a shell of its own that is ended after `checkSeconds`. One
 * that cannot even be killed (it hangs in a read of a dead file system) is left behind and holds up none of the others.
 * What they print is kept in memory meanwhile, since a full disk is among what they look for.
 */
export function gather(scripts: readonly Script[]): {
  readonly script: Script
  /** One answer a script, in order. */
  read(stdout: string): readonly Answer[]
} {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  const tell = sh`
number=0
while [ "$number" -lt ${scripts.length} ]; do
  code=cut ms=0
  [ -e "$dir/$number.end" ] && read -r code ms <"$dir/$number.end"
  printf '\n%s %s %s\n' ${mark} "$code" "$ms"
  head -c 65536 "$dir/$number.out"
  printf '\n%s\n' ${mark}
  head -c 2000 "$dir/$number.err"
  number=$((number + 1))
done
`
  return {
    script: lines(
      prologue,
      ...scripts.map((script, index) => sh`one ${index} ${script.toString()} >/dev/null 2>&1 &`),
      sh`awaited ${scripts.length}`,
      tell,
    ),
    read: (stdout) => {
      const pieces = stdout.split(`\n${mark}`).slice(1)
      return scripts.map((_, index) => answerOf(pieces[2 * index], pieces[2 * index + 1]))
    },
  }
}

const prologue = raw(`
command -v timeout >/dev/null || { echo 'timeout is missing: install coreutils' >&2; exit 1; }
dir=$(mktemp -d -p /run quayside-health-XXXXXX 2>/dev/null) || dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
one() {
  : >"$dir/$1.out"; : >"$dir/$1.err"
  since=$(date +%s%3N)
  timeout -k 1 ${checkSeconds} sh -c "$2" >"$dir/$1.out" 2>"$dir/$1.err" </dev/null
  echo "$? $(($(date +%s%3N) - since))" >"$dir/$1.new" && mv "$dir/$1.new" "$dir/$1.end"
}
awaited() {
  wanted=$1 until=$(($(date +%s) + ${checkSeconds} + 2))
  while [ "$(date +%s)" -le "$until" ]; do
    set -- "$dir"/*.end
    [ "$#" -ge "$wanted" ] && [ -e "$1" ] && break
    sleep 0.05
  done
}
`)

function answerOf(head = ' cut 0\n', errors = ''): Answer {
  const [, word = 'cut', ms = '0'] = /^ (\S+) (\d+)\n/.exec(head) ?? []
  const code = word === 'cut' ? 124 : Number(word)
  return {
    code,
    stdout: head.slice(head.indexOf('\n') + 1),
    stderr: errors.replace(/^\n/, ''),
    ms: Number(ms),
    // 137: it did not even heed TERM. At once either is a code of its own, as of a container that was killed.
    cut: (code === 124 || code === 137) && (word === 'cut' || Number(ms) >= cutMs),
  }
}

/** What an answer says of why it is none: its first line of errors, or what came instead of them. */
export function said({ code, stdout, stderr }: Pick<Answer, 'code' | 'stdout' | 'stderr'>): string {
  const [line = ''] = `${stderr.trim()}\n${stdout.trim()}`.trim().split('\n')
  return line.trim().slice(0, 300) || `ended with code ${code}`
}
