import type { Recording, Span } from '../recording.ts'
import { duration } from '../style.ts'
import { count } from '../verdict.ts'
import { html, type Markup } from './markup.ts'

const most = 12
/** Less than this is not worth a look. */
const leastMs = 50

/** A thing that took its time, on the host where it took longest first. */
interface Slow {
  readonly span: Span
  readonly on: { readonly host: string; readonly ms: number }[]
}

/** What took longest, with bars to compare; the same on several hosts stands once. */
export function slowest(recording: Recording): Markup | undefined {
  const top = grouped(recording)
    .filter((slow) => longestOf(slow) >= leastMs)
    .sort((one, other) => longestOf(other) - longestOf(one))
    .slice(0, most)
  const [first] = top
  if (first === undefined) return undefined
  return html`<section id="slowest" aria-labelledby="slowest-title">
<h2 id="slowest-title">What took longest</h2>
<ol class="slow">${top.map((slow) => item(slow, longestOf(first)))}</ol>
</section>`
}

function grouped(recording: Recording): Slow[] {
  const groups = new Map<string, Slow>()
  for (const { name: host, spans } of recording.hosts.values())
    for (const span of spans) {
      if (span.kind === 'connect' || span.kind === 'look') continue
      const key = JSON.stringify([span.role, span.label, span.kind])
      const slow = groups.get(key) ?? { span, on: [] }
      slow.on.push({ host, ms: span.end - span.start })
      groups.set(key, slow)
    }
  return [...groups.values()]
}

function longestOf({ on }: Slow): number {
  return Math.max(...on.map(({ ms }) => ms))
}

function item({ span, on }: Slow, longest: number): Markup {
  const [first, ...rest] = [...on].sort((one, other) => other.ms - one.ms)
  const ms = first?.ms ?? 0
  const fastest = rest.at(-1)?.ms ?? ms
  const more =
    rest.length === 0 ? '' : ` and ${count(rest.length, 'host')} more, from ${duration(fastest)} up`
  const kind = span.kind === 'failed' ? 'failed' : 'changed'
  return html`<li data-hosts="${on.map(({ host }) => host).join(' ')}" data-outcome="${kind}">
<span class="ms">${duration(ms)}</span><span class="id">${span.role === '' ? '' : html`<span class="role">${span.role}</span> `}${span.label} <span class="more">on <span class="host">${first?.host}</span>${more}</span></span>
<svg width="100%" height="4" aria-hidden="true"><rect class="bar ${span.kind}" width="${((ms / longest) * 100).toFixed(1)}%" height="4" rx="2"/></svg></li>
`
}
