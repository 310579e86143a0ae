import { randomBytes } from 'node:crypto'
import { lines, raw, type Script, sh } from '../script/index.ts'

/** What a check may take, in seconds: longer is as good as no answer to whoever waits for it. */
export interface Patience {
  readonly usual: number
  /** on a host with twice as many runnable processes as it has cores, by its average over the last minute */
  readonly busy: number
}

/** milliseconds from which on a code of timeout's means just that; scripts give what they ask inside a container 4 s */
const cutMs = 3500

/** checks of a host at the same time: whoever serves is not to starve for a look at how it is */
const together = 4

/** seconds beyond its patience after which a check that could not even be killed is left behind */
const grace = 2

/** How long a gathered script may take with so many checks that all hang, in seconds. */
export function longest(checks: number, { busy }: Patience): number {
  return Math.ceil(checks / together) * (busy + grace + 1) + 2
}

/** What a check's script said. */
export interface Answer {
  readonly code: number
  /** its first 65,536 bytes */
  readonly stdout: string
  /** its first 2,000 bytes */
  readonly stderr: string
  readonly ms: number
  /** seconds that it was given */
  readonly allowed: number
  /** it took more than that, and was ended */
  readonly cut: boolean
}

/**
 * Many scripts as one that runs a few of them at a time, each in a shell of its own that is ended when `patience` is. One
 * that cannot even be killed (it hangs in a read of a dead file system) is left behind, and its place is another's.
 * What they print is kept in memory meanwhile, since a full disk is among what they look for. Beside them nothing is started
 * that need not be: where a process costs milliseconds, what counted and waited would be most of the host's work.
 */
export function gather(
  scripts: readonly Script[],
  { usual, busy }: Patience,
): {
  readonly script: Script
  /** One answer a script, in order. */
  read(stdout: string): readonly Answer[]
} {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  return {
    script: lines(
      sh`mark=${mark} usual=${usual} busy=${busy}`,
      prologue,
      // Braces: of a function alone dash keeps what it had before, and whoever reads this waits for the end of that.
      ...scripts.map(
        (script, index) => sh`turn ${index}\n{ one ${index} ${script.toString()}; } >/dev/null 2>&1 &`,
      ),
      raw('awaited'),
      tell,
    ),
    read: (stdout) => {
      // As head -v has it: a header a file, of which all but the first begin with a line's end of their own.
      const [ends = '', ...files] = stdout.split(new RegExp(`\n?==> \\S*/(\\d+\\.${mark}\\.\\w+) <==\n`))
      const said = new Map(
        files.flatMap((name, index) => (index % 2 === 0 ? [[name, files[index + 1]]] : [])),
      )
      const allowed = Number(/^allowed (\d+)$/m.exec(ends)?.[1] ?? usual)
      return scripts.map((_, index) => ({
        allowed,
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
read -r load idle </proc/loadavg
[ "\${load%.*}" -lt $((2 * $(nproc))) ] && allowed=$usual || allowed=$busy
echo "allowed $allowed"
one() {
  read -r since idle </proc/uptime
  timeout -k 1 "$allowed" sh -c "$2" >"$dir/$1.$mark.out" 2>"$dir/$1.$mark.err" </dev/null 3>&-
  code=$?
  read -r now idle </proc/uptime
  echo "$1 $code $((\${now%.*}\${now#*.} - \${since%.*}\${since#*.}))0" >&3
}
# "number:second" of each that runs
running=0 began= second=0
while sleep 1 && kill -0 $$; do echo second >&3; done >/dev/null 2>&1 &
clock=$!
# One more may run: at once, or when another has ended.
turn() {
  [ "$running" -lt ${together} ] || ended
  running=$((running + 1)) began="$began $1:$second"
}
ended() {
  before=$running
  while [ "$running" = "$before" ] && read -r number code ms <&3; do
    if [ "$number" = second ]; then
      second=$((second + 1))
      leave_behind
    elif forget "$number"; then
      echo "$number $code $ms"
    fi
  done
}
leave_behind() {
  for each in $began; do
    [ $((second - \${each#*:})) -le $((allowed + ${grace})) ] || forget "\${each%:*}"
  done
}
# Fails for one that was left behind, and has ended since.
forget() {
  case "$began " in *" $1:"*) ;; *) return 1 ;; esac
  others=
  for other in $began; do [ "\${other%:*}" = "$1" ] || others="$others $other"; done
  began=$others running=$((running - 1))
}
awaited() {
  while [ "$running" -gt 0 ]; do ended; done
  kill "$clock"
}
`)

const tell = raw(`
head -v -c 65536 "$dir"/*.out
echo
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
