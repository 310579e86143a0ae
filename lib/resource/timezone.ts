import { sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { replaceAtomically } from './candidate.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Resource, resource, unchanged } from './resource.ts'
import { accessScript } from './standing.ts'

const zones = '/usr/share/zoneinfo'

/**
 * A host's time zone, by a name of the tz database: "Europe/Berlin". It is the link /etc/localtime, and
 * /etc/timezone where the system keeps one. A zone that the host does not have is unknown: a package may bring it.
 * Programs read the zone when they start: a handler restarts what has to know (cron, above all).
 */
export function timezone(zone: string, options: Common = {}): Resource {
  matching(zone, /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/, 'time zone')
  const file = `${zones}/${zone}`
  return resource({
    id: `timezone ${zone}`,
    probe: sh`[ -d ${zones} ] || { echo 'this host has no time zones: install tzdata' >&2; exit 3; }
[ -f ${file} ] || {
  echo ${`this host has no time zone ${zone}: look at timedatectl list-timezones; old names are in tzdata-legacy`} >&2
  exit 3
}
if [ -L /etc/localtime ]; then echo "link=$(readlink -- /etc/localtime)"
elif [ -d /etc/localtime ]; then echo other=directory
elif [ -e /etc/localtime ]; then echo other=file; fi
[ ! -f /etc/timezone ] || echo "named=$(head -n 1 /etc/timezone)"
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.get('other') === 'directory') throw new Conflict('/etc/localtime is a directory')
      const target = found.get('link')
      // The same place as written from /etc; a zone may itself be a link, and is taken by its name.
      const linked = /^(?:\.\.)?\/usr\/share\/zoneinfo\/(.+)$/.exec(target ?? '')?.[1]
      const is = linked ?? target ?? (found.has('other') ? 'a file without a name' : 'none')
      const named = found.get('named')
      const link = replaceAtomically('/etc/localtime', (candidate) => sh`ln -s -- ${file} ${candidate}`)
      const name = replaceAtomically(
        '/etc/timezone',
        (candidate) => sh`printf '%s\\n' ${zone} >${candidate}
${accessScript(candidate, { mode: 0o644, owner: 'root', group: 'root' })}`,
      )
      const steps = [
        ...(linked === zone ? [] : [{ what: `${is} → ${zone}`, step: link }]),
        ...(named === undefined || named === zone
          ? []
          : [{ what: `/etc/timezone ${named} → ${zone}`, step: name }]),
      ]
      if (steps.length === 0) return unchanged
      return {
        kind: 'change',
        summary: steps.map(({ what }) => what).join(', '),
        apply: steps.reduce(
          (script, { step }) => sh`${script}${step}`,
          sh`set -e
`,
        ),
      }
    },
    notify: options.notify,
  })
}
