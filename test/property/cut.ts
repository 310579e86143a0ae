import { raw, Script, sh } from '../../lib/script/index.ts'

/** The commands that change something, and so the moments between which a run may be cut off. */
const steps = 'base64 chmod chown cp ln mkdir mv rm sync systemctl truncate'.split(' ')

/**
 * A change that is cut off by SIGKILL, the whole process group of it, before its command number `at`, or right after
 * that one's end: every state between two commands can be reached, and the same number reaches it again. `count` is a
 * path outside of what is looked at.
 */
export function cutOff(apply: Script, count: string, at: number, after: boolean): Script {
  const die = 'kill -KILL -- -$$; sleep 9'
  const tick = sh`quayside_tick() {
  read -r quayside_n <${count}; echo $((quayside_n + 1)) >|${count}; [ $quayside_n -ne ${at} ] || { ${raw(die)}; }
}`
  const wrapped = steps.map((step) =>
    after
      ? `${step}() { command ${step} "$@"; quayside_code=$?; quayside_tick; return $quayside_code; }`
      : `${step}() { quayside_tick; command ${step} "$@"; }`,
  )
  return new Script([
    ...sh`echo 1 >${count}; `.parts,
    "setsid -w sh /dev/fd/3 3<<'QUAYSIDE_CUT' </dev/null >/dev/null 2>&1\nexec 3<&-\n",
    ...tick.parts,
    `\n${wrapped.join('\n')}\nset -e\n`,
    ...apply.parts,
    '\nQUAYSIDE_CUT\n:\n',
  ])
}
