import { lines, type Script, sh } from './script.ts'

/**
 * Commands whose outputs feed each other's inputs, as one script that fails when any of them does: sh itself looks at
 * the last alone, so that a dump which died half-way would look like a whole one. Each runs in a
 * subshell; the first has the script's standard input. On failure it says which ended how, and exits with the first one's code that is
 * not SIGPIPE's (141), which only tells that the next one had gone, and is not told beside another: what a command said of why
 * it failed is to stay among the last lines.
 */
export function piped(...commands: readonly Script[]): Script {
  const parts = commands.map(
    (command, index) => sh`{ (${command}
) 3>&- 4>&-; echo ${index + 1}:$? >&3; }`,
  )
  const chain = parts.reduce((left, right) => sh`${left} | ${right}`)
  return lines(
    sh`exec 4>&1
codes=$({ ${chain} >&4; } 3>&1)
exec 4>&-
code=0
for each in $codes; do
  [ "\${each#*:}" = 0 ] && continue
  told="part \${each%%:*} of ${String(commands.length)} in the pipe ended with \${each#*:}"
  [ "\${each#*:}" = 141 ] || echo "$told" >&2
  if [ "$code" = 0 ] || [ "$code" = 141 ]; then code=\${each#*:}; fi
done
[ "$code" != 141 ] || echo "$told" >&2
(exit "$code")`,
  )
}
