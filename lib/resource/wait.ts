import { type Script, sh } from '../script/index.ts'
import { whole } from './argument.ts'
import { fields } from './observed.ts'
import { type Resource, resource, unchanged } from './resource.ts'

/** How long is waited at most; 60 seconds unless told. */
export interface WaitOptions {
  readonly timeoutSeconds?: number | undefined
}

/**
 * A resource that waits, from the host itself, for what is not its own to make. A plan that is not "unchanged" says
 * what would be waited for, so check mode never waits. `look` is shell text that ends with 0 when it is so, and sets
 * $said to how it is instead; `needs` ends the probe with another code where looking is not possible at all.
 */
export function waiting(parts: {
  readonly id: string
  /** "10.0.0.5:5432 is open" */
  readonly until: string
  readonly look: Script
  readonly needs?: Script
  readonly options: WaitOptions
}): Resource {
  const { id, until, look, needs = sh``, options } = parts
  const seconds = whole(options.timeoutSeconds ?? 60, 1, 86_400, 'timeoutSeconds')
  const define = sh`${needs}
look() {
said=
${look}
}`
  return resource({
    id,
    probe: sh`${define}
if look; then echo so=yes; else printf 'said=%s\\n' "$said"; fi
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      if (found.has('so')) return unchanged
      return {
        kind: 'change',
        summary: `wait until ${until}, ${seconds} s at most (now: ${found.get('said') || 'not so'})`,
        apply: sh`(
${define}
# /proc/uptime, since the clock of a host that just came up may be set meanwhile
uptime() { read -r up idle </proc/uptime; up=\${up%%.*}; }
uptime; end=$((up + ${seconds})); tries=0
until look; do
  tries=$((tries + 1)); uptime
  [ "$up" -lt "$end" ] || {
    printf '%s\\n' ${`waited ${seconds} s until ${until}`}", tried $tries times; the last time: \${said:-not so}" >&2
    exit 1
  }
  sleep 1
done
)
`,
        timeoutSeconds: seconds + 60,
      }
    },
  })
}
