import { raw, type Script, sh } from '../../script/index.ts'

/*
 * Whatever crosses `docker exec` is copied by Docker several times over, in pieces as small as they were written, which
 * takes several times the processor time of what reads or writes it (docs/performance.md). So what is large goes by a
 * named pipe in the container's /tmp, which root on its host reaches through /proc: the kernel hands it over. Where it
 * cannot be reached (an engine elsewhere, somebody who is not root) it crosses `docker exec` as ever.
 */

/** Shell text for a container: its words are "$@", as `inContainer` gives them. */
export interface Inside {
  readonly container: string
  /** a user there */
  readonly user?: string
  readonly text: Script
  readonly words: readonly Script[]
}

/**
 * For `withPipe`'s script: runs shell text in the container, and prints what that prints. Ends as it ended. Nothing of it
 * reads.
 */
export function outOf(inside: Inside): Script {
  return sh`if [ -z "$pipe" ]; then
  ${exec(inside, 'exec')}
else
  ${bothEnds}
  cat <&5 4>&- &
  exec 5<&-
  ${exec(inside, 'out')} 4>&- </dev/null
  code=$?
  exec 4>&-
  wait "$!" || [ "$code" != 0 ] || code=$?
  (exit "$code")
fi`
}

/** For `withPipe`'s script: runs shell text in the container, which reads the script's standard input. Ends as it ended. */
export function into(inside: Inside): Script {
  return sh`if [ -z "$pipe" ]; then
  ${exec(inside, 'exec')}
else
  ${bothEnds} 6<&0
  cat <&6 >&4 5<&- &
  exec 4>&- 6<&-
  ${exec(inside, 'in')} 5<&- </dev/null
  code=$?
  exec 5<&-
  { kill "$!"; wait "$!"; } 2>/dev/null
  (exit "$code")
fi`
}

/**
 * A script that may cross into a container, or out of it, once. `also` is shell text that is run in the container before, at
 * no cost: what it prints is $has.
 */
export function withPipe(container: string, also: string, script: Script, user = 'postgres'): Script {
  return sh`(
pipe=$(mktemp -u /tmp/quayside-pipe-XXXXXXXXXX 2>/dev/null)
has=$(docker exec -u ${user} ${container} sh -c ${`umask 077; [ -z "$1" ] || mkfifo "$1"; ${also}`} sh "$pipe" </dev/null 2>/dev/null)
seen=/proc/$(docker inspect -f '{{.State.Pid}}' ${container} 2>/dev/null)/root$pipe
if [ -n "$pipe" ] && { [ ! -p "$seen" ] || [ ! -r "$seen" ] || [ ! -w "$seen" ]; }; then
  docker exec -u ${user} ${container} rm -f "$pipe" </dev/null >/dev/null 2>&1
  pipe=
fi
${script}
)`
}

/**
 * Whoever opens one end waits for somebody at the other, who may never come: so both are opened at once, and each is let
 * go of when the container's side has it, or has ended. What was opened is what is used, whatever its name becomes.
 */
const bothEnds = raw(`exec 3<>"$seen"
  [ -p /proc/self/fd/3 ] || exit 1
  exec 4>/proc/self/fd/3 5</proc/self/fd/3 3<&-`)

/** How it gets the pipe as its own, which has no name from there on. It opens both ends, too, as the other may be over already. */
const taking = {
  exec: '',
  out: 'exec 3<>"$1" >"$1" 3<&-; rm -f "$1"; shift; ',
  in: 'exec 3<>"$1" <"$1" 3<&-; rm -f "$1"; shift; ',
}

function exec({ container, user = 'postgres', text, words }: Inside, by: keyof typeof taking): Script {
  const args = words.reduce((all, word) => sh`${all} ${word}`, raw(by === 'exec' ? '' : ' "$pipe"'))
  const input = by === 'exec' ? ['-i'] : []
  return sh`docker exec ${[...input, '-u', user, container, 'sh', '-c', taking[by] + text.reveal(), 'sh']}${args}`
}
