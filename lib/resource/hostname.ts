import { feed, type Script, sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { unifiedDiff } from './diff.ts'
import { hostsWith } from './hosts-table.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'
import { accessScript } from './standing.ts'

const places = { name: '/etc/hostname', hosts: '/etc/hosts', live: '/proc/sys/kernel/hostname' } as const

/**
 * The name that a host calls itself: now, at its next boot (/etc/hostname), and in /etc/hosts, where a name that
 * stands on no line goes to 127.0.1.1 as Debian has it. A name with dots also stands there by its first part.
 */
export function hostname(name: string, options: Common = {}): Resource {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
  matching(name, new RegExp(`^${label}(?:\\.${label})*$`), 'hostname')
  if (name.length > 64) throw new TypeError(`hostname must have 64 letters at most, as Linux has it: ${name}`)
  return resource({
    id: `hostname ${name}`,
    probe: sh`set -e
echo "live=$(cat ${places.live})"
[ ! -f ${places.name} ] || echo "kept=$(sed -n '/^[^#]/{p;q}' ${places.name})"
[ ! -f ${places.hosts} ] || echo "hosts=$(base64 -w 0 <${places.hosts})"
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const [live = '', kept = ''] = [found.get('live'), found.get('kept')]
      const before = Buffer.from(found.get('hosts') ?? '', 'base64').toString('latin1')
      const hosts = hostsWith(before, name, [live, kept])
      // The table comes first: sudo asks it for the live name.
      const steps: [string, Script][] = []
      if (hosts !== before) steps.push(['/etc/hosts', rewrite(places.hosts, Buffer.from(hosts, 'latin1'))])
      if (kept !== name) steps.push([`${kept || 'no name'} → ${name}`, rewrite(places.name, `${name}\n`)])
      if (live !== name) {
        steps.push([`live name ${live} → ${name}`, sh`printf '%s\\n' ${name} >${places.live}`])
      }
      if (steps.length === 0) return unchanged
      const diff = unifiedDiff(before, hosts)
      return {
        kind: 'change',
        summary: steps.map(([what]) => what).join(', '),
        ...(diff === '' ? {} : { diff }),
        apply: steps.reduce(
          (script, [, step]) => sh`${script}${step}
`,
          sh`set -e
`,
        ),
      }
    },
    notify: options.notify,
  })
}

/** Replaces a file atomically; where it is a mount of its own, as in a container, it can only be written over. */
function rewrite(path: string, content: string | Uint8Array): Script {
  const access = { mode: 0o644, owner: 'root', group: 'root' }
  return sh`if LC_ALL=C awk -v p=${path} '$5 == p { found = 1 } END { exit !found }' /proc/self/mountinfo; then
  base64 -d >${path}${feed(content)}else
${replaceAtomically(
  path,
  (candidate) => sh`base64 -d >${candidate}${feed(content)}${accessScript(candidate, access)}
sync -- ${candidate}`,
)}fi`
}
