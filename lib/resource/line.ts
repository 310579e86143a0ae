import { type Script, sh } from '../script/index.ts'
import { absolutePath, octal, oneLine } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { lacksFolder, readLacks } from './lacks.ts'
import { editAtomically, lastLine } from './line-edit.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged, unknown } from './resource.ts'
import { accessScript } from './standing.ts'

export interface LineOptions extends Common {
  readonly line: string
  /** POSIX extended regular expression: the last line that it matches is replaced */
  readonly match?: string | undefined
  /** POSIX extended regular expression: a new line goes behind the last line that it matches, else at the end */
  readonly after?: string | undefined
  /** a missing file is made; otherwise it is unknown */
  readonly create?: boolean | undefined
  /** mode of a file that is made; 0o644 unless told */
  readonly mode?: number | undefined
}

/** A line that a file has, in the place of the last one that `match` matches; the rest of the file is not ours. */
export function lineInFile(path: string, options: LineOptions): Resource {
  const { line, match, after, create = false, mode = 0o644, notify } = options
  absolutePath(path)
  for (const text of [line, match ?? '', after ?? '']) oneLine(text, 'line')
  octal(mode)
  const locate = locateScript(path, line, match, after)
  return resource({
    id: `line ${match ?? line} in ${path}`,
    probe: sh`if [ -d ${path} ]; then echo act=directory; exit 0; fi
if [ ! -e ${path} ]; then if [ -L ${path} ]; then echo act=dangling; else echo act=missing; ${lacksFolder(path)}; fi; exit 0; fi
[ -f ${path} ] || { echo act=special; exit 0; }
${locate}
echo "act=$act"
[ "$act" != replace ] || LC_ALL=C sed -n "$at{s/^/old=/p;q}" "$p"
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const [act, old] = [found.get('act'), found.get('old') ?? '']
      if (act === 'directory' || act === 'special') throw noLines(path, act)
      if (act === 'dangling' && create) throw leadsNowhere(path)
      if (act === 'none') return unchanged
      const lacks = readLacks(found)
      if (act === 'missing' || act === 'dangling') {
        return create
          ? {
              kind: 'change',
              summary: 'create the file',
              diff: `+${line}`,
              apply: creation(path, line, mode),
              ...lacks,
            }
          : unknown(`${path} is not there`)
      }
      const apply = editAtomically(
        sh`${locate}
[ "$act" != none ] || exit 0`,
        sh`if [ "$act" = replace ]; then
  head -n $((at - 1)) "$p"; printf '%s\\n' ${line}; tail -n +$((at + 1)) "$p"
else
  above() { if [ "$at" = 0 ]; then cat "$p"; else head -n "$at" "$p"; fi; }
  above
  [ ! -s "$p" ] || [ "$(above | tail -c 1 | wc -l)" = 1 ] || echo
  printf '%s\\n' ${line}
  [ "$at" = 0 ] || tail -n +$((at + 1)) "$p"
fi`,
      )
      return act === 'replace'
        ? { kind: 'change', summary: 'replace the line', diff: `-${old}\n+${line}`, apply }
        : { kind: 'change', summary: 'add the line', diff: `+${line}`, apply }
    },
    notify,
  })
}

/** No line in a file that equals `line`, or that `match`, a POSIX extended regular expression, matches. */
export function absentLine(
  path: string,
  options: Common & ({ readonly line: string } | { readonly match: string }),
): Resource {
  absolutePath(path)
  const [flags, pattern] = 'line' in options ? ['-axF', options.line] : ['-aE', options.match]
  oneLine(pattern, 'line')
  return resource({
    id: `line ${pattern} in ${path}`,
    probe: sh`[ -f ${path} ] || exit 0
LC_ALL=C grep ${flags} -e ${pattern} -- ${path} || [ $? -eq 1 ]
`,
    read: ({ stdout }) => stdout.split('\n').slice(0, -1),
    plan: (hits) => {
      if (hits.length === 0) return unchanged
      const apply = editAtomically(
        sh`p=$(readlink -f -- ${path})`,
        // grep ends its last line even where the file does not; that line is not ours.
        sh`keep() { LC_ALL=C grep -v ${flags} -e ${pattern} "$p" || [ $? -eq 1 ]; }
if [ "$(tail -c 1 "$p" | wc -l)" = 1 ] || tail -n 1 "$p" | LC_ALL=C grep -q ${flags} -e ${pattern}; then keep
else keep | head -c -1
fi`,
      )
      const summary = hits.length === 1 ? 'remove the line' : `remove ${hits.length} lines`
      return { kind: 'change', summary, diff: hits.map((hit) => `-${hit}`).join('\n'), apply }
    },
    notify: options.notify,
  })
}

/**
 * Sets $p to the file, $act to none, replace or insert, and $at to the number of the line, 0 for the end. A line that
 * stands in the file already is enough where `match` is not made to match it: else two runs would differ.
 */
function locateScript(
  path: string,
  line: string,
  match: string | undefined,
  after: string | undefined,
): Script {
  return sh`${lastLine}
p=$(readlink -f -- ${path})
own= found=
last -axF ${line}; exact=$n
${
  match === undefined
    ? sh``
    : sh`last -aE ${match}; found=$n
if printf '%s\\n' ${line} | LC_ALL=C grep -qE -e ${match}; then own=yes; fi`
}
${after === undefined ? sh`n=` : sh`last -aE ${after}`}
if [ -n "$exact" ] && { [ -z "$own" ] || [ "$exact" = "$found" ]; }; then act=none at=0
elif [ -n "$found" ]; then act=replace at=$found
else act=insert at=\${n:-0}
fi`
}

function creation(path: string, line: string, mode: number): Script {
  const access = { mode, owner: 'root', group: 'root' }
  return replaceAtomically(
    path,
    (candidate) => sh`printf '%s\\n' ${line} >${candidate}
${accessScript(candidate, access)}`,
  )
}

function noLines(path: string, act: 'directory' | 'special'): Conflict {
  return new Conflict(`${path} is a ${act === 'special' ? 'special file' : act}, and has no lines`)
}

function leadsNowhere(path: string): Conflict {
  return new Conflict(`a link that leads nowhere stands at ${path}`, {
    hint: 'make the file that it leads to, or remove the link',
  })
}
