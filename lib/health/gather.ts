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
 * What they print is kept in memory meanwhile, since a full disk is among what they look for. Beside them nothing is started
 * that need not be: where a process costs milliseconds, what counted and waited would be most of the host's work.
 */
export function gather(scripts: readonly Script[]): {
  readonly script: Script
  /** One answer a script, in order. */
  read(stdout: string): readonly Answer[]
} {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  return {
    script: lines(
      sh`mark=${mark}`,
      prologue,
      ...scripts.map((script, index) => sh`one ${index} ${script.toString()} >/dev/null 2>&1 &`),
      sh`awaited ${scripts.length}`,
      tell,
    ),
    read: (stdout) => {
      // As head -v has it: a header a file, of which all but the first begin with a line's end of their own.
      const [ends = '', ...files] = stdout.split(new RegExp(`\n?==> \\S*/(\\d+\\.${mark}\\.\\w+) <==\n`))
      const said = new Map(
        files.flatMap((name, index) => (index % 2 === 0 ? [[name, files[index + 1]]] : [])),
      )
      return scripts.map((_, index) => ({
        stdout: said.get(`${index}.${mark}.out`) ?? '',
        stderr: said.get(`${index}.${mark}.err`) ?? '',
        ...endOf(new RegExp(`^${index} (\\d+) (\\d+)$`, 'm').exec(ends)),
      }))
    },
  }
}

const prologue = raw(`
command -v timeout >/dev/null || { echo 'timeout is missing: install coreutils' >&2; exit 1; }
dir=$(mktemp -d -p /run quayside-health-XXXXXX 2>/dev/null) || dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/ended" && exec 3<>"$dir/ended" || exit 1
one() {
  read -r since idle </proc/uptime
  timeout -k 1 ${checkSeconds} sh -c "$2" >"$dir/$1.$mark.out" 2>"$dir/$1.$mark.err" </dev/null 3>&-
  code=$?
  read -r now idle </proc/uptime
  echo "$1 $code $((\${now%.*}\${now#*.} - \${since%.*}\${since#*.}))0" >&3
}
late() {
  trap 'kill "$nap"; exit' TERM
  sleep ${checkSeconds + 2} &
  nap=$!
  wait "$nap"
  echo late >&3
}
awaited() {
  late >/dev/null 2>&1 &
  watch=$! left=$1
  while [ "$left" -gt 0 ] && read -r number code ms <&3 && [ "$number" != late ]; do
    echo "$number $code $ms"
    left=$((left - 1))
  done
  kill "$watch" 2>/dev/null
}
`)

const tell = raw(`
head -v -c 65536 "$dir"/*.out
head -v -c 2000 "$dir"/*.err
:
`)

/** How a check ended, of "code milliseconds"; null for one that did not. */
function endOf(end: RegExpExecArray | null): Pick<Answer, 'code' | 'ms' | 'cut'> {
  if (end === null) return { code: 124, ms: 0, cut: true }
  const [code, ms] = [Number(end[1]), Number(end[2])]
  // 137: it did not even heed TERM. At once either is a code of its own, as of a container that was killed.
  return { code, ms, cut: (code === 124 || code === 137) && ms >= cutMs }
}

/** What an answer says of why it is none: its first line of errors, or what came instead of them. */
export function said({ code, stdout, stderr }: Pick<Answer, 'code' | 'stdout' | 'stderr'>): string {
  const [line = ''] = `${stderr.trim()}\n${stdout.trim()}`.trim().split('\n')
  return line.trim().slice(0, 300) || `ended with code ${code}`
}
