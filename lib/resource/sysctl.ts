import { sh } from '../script/index.ts'
import { matching, oneLine } from './argument.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'
import { template } from './template.ts'

/** A kernel setting, live and in /etc/sysctl.d. Unknown as long as the kernel has no such key. */
export function sysctl(key: string, value: string | number, options: Common = {}): Resource {
  matching(key, /^[a-z0-9_]+(?:\.[\w-]+)+$/, 'key')
  const wanted = spaced(oneLine(String(value), 'value'))
  if (wanted === '') throw new TypeError('value must not be empty')
  const path = `/etc/sysctl.d/60-quayside-${key}.conf`
  const live = `/proc/sys/${key.replaceAll('.', '/')}`
  const line = `${key} = ${wanted}`
  const file = template(path, `${line}\n`)
  const set = sh`set -e
printf '%s\\n' ${wanted} >${live}
`
  return resource({
    id: `sysctl ${key}`,
    probe: sh`[ -e ${live} ] || { echo ${`this kernel has no ${key}`} >&2; exit 3; }
echo "live=$(cat ${live})"
${file.probe}`,
    read: (probed) => probed,
    plan: (probed) => {
      const is = spaced(fields(probed.stdout).get('live') ?? '')
      const kept = file.plan(probed)
      if (kept.kind === 'unknown') return kept
      const [summary, diff] = [`live value ${is} → ${wanted}`, `-${key} = ${is}\n+${line}`]
      if (kept.kind === 'unchanged') {
        return is === wanted ? unchanged : { kind: 'change', summary, diff, apply: set }
      }
      const inFile = { ...kept, summary: `${path}: ${kept.summary}` }
      if (is === wanted) return inFile
      return {
        ...inFile,
        summary: `${summary}, ${inFile.summary}`,
        diff: kept.diff === undefined ? diff : `${diff}\n ${path}\n${kept.diff}`,
        apply: sh`${set}${kept.apply}`,
      }
    },
    notify: options.notify,
  })
}

function spaced(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}
