import { sh } from '../script/index.ts'
import { matching, oneLine } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'
import { accessScript } from './standing.ts'
import { managedNote } from './template.ts'

/** A kernel setting, live and in /etc/sysctl.d. Unknown as long as the kernel has no such key. */
export function sysctl(key: string, value: string | number, options: Common = {}): Resource {
  matching(key, /^[a-z0-9_]+(?:\.[\w-]+)+$/, 'key')
  const wanted = spaced(oneLine(String(value), 'value'))
  if (wanted === '') throw new TypeError('value must not be empty')
  const path = `/etc/sysctl.d/60-quayside-${key}.conf`
  const live = `/proc/sys/${key.replaceAll('.', '/')}`
  const line = `${key} = ${wanted}`
  const write = replaceAtomically(
    path,
    (candidate) => sh`printf '# %s\\n%s\\n' ${managedNote} ${line} >${candidate}
${accessScript(candidate, { mode: 0o644, owner: 'root', group: 'root' })}`,
  )
  return resource({
    id: `sysctl ${key}`,
    probe: sh`[ -e ${live} ] || { echo ${`this kernel has no ${key}`} >&2; exit 3; }
echo "live=$(cat ${live})"
[ ! -f ${path} ] || while read -r line; do echo "kept=$line"; done <${path}
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const [is, kept] = [spaced(found.get('live') ?? ''), found.get('kept')]
      const parts = [
        ...(is === wanted
          ? []
          : [{ what: `live value ${is} → ${wanted}`, act: sh`printf '%s\\n' ${wanted} >${live}` }]),
        ...(kept === line
          ? []
          : [{ what: kept === undefined ? `create ${path}` : `${path} changed`, act: write }]),
      ]
      if (parts.length === 0) return unchanged
      const old = [
        ...(is === wanted ? [] : [`${key} = ${is}`]),
        ...(kept === undefined || kept === line ? [] : [kept]),
      ]
      const diff = [...new Set(old)]
        .map((each) => `-${each}`)
        .concat(`+${line}`)
        .join('\n')
      const apply = parts.reduce(
        (script, { act }) => sh`${script}${act}
`,
        sh`set -e
`,
      )
      return { kind: 'change', summary: parts.map(({ what }) => what).join(', '), diff, apply }
    },
    notify: options.notify,
  })
}

function spaced(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}
