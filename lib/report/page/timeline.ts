import type { HostRecord, Recording, Span } from '../recording.ts'
import { duration } from '../style.ts'
import { outcomesOf } from './header.ts'
import { html, type Markup } from './markup.ts'

/** The least part of the width that a bar takes, in percent: a short one must be seen, and hit. */
const leastWidth = 0.35

const kinds: readonly (readonly [Span['kind'], string])[] = [
  ['connect', 'connecting'],
  ['look', 'looking'],
  ['change', 'changing'],
  ['handler', 'handler'],
  ['failed', 'failed'],
]

/** When each host was busy, and with what. */
export function timeline(recording: Recording): Markup {
  const hosts = [...recording.hosts.values()]
  const steps = recording.steps.flatMap(({ text, end, ms }): Span[] =>
    ms === undefined ? [] : [{ kind: 'change', label: text, role: '', start: end - ms, end }],
  )
  const used = new Set([...hosts.flatMap(({ spans }) => spans), ...steps].map(({ kind }) => kind))
  const scale = scaleOf(recording)
  return html`<section id="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline</h2>
<ul class="legend">${kinds
    .filter(([kind]) => used.has(kind))
    .map(([kind, name]) => html`<li><span class="key ${kind}" aria-hidden="true"></span>${name}</li>`)}</ul>
<div class="chart${hosts.length > 30 ? ' many' : ''}" role="application" aria-label="Timeline by host: arrow keys go from bar to bar" aria-describedby="tip">
${axis(scale)}
${steps.length === 0 ? '' : row('the run', steps, scale, html``)}
${hosts.map((host) => hostRow(host, recording, scale))}
</div>
</section>`
}

interface Scale {
  readonly start: number
  /** milliseconds over the whole width */
  readonly length: number
}

function scaleOf({ start, end, hosts }: Recording): Scale {
  const spans = [...hosts.values()].flatMap((host) => host.spans)
  const first = spans.reduce((least, span) => Math.min(least, span.start), start)
  return { start: first, length: Math.max(1, end - first) }
}

function hostRow(host: HostRecord, recording: Recording, scale: Scale): Markup {
  const outcomes = outcomesOf(host, recording).join(' ')
  return row(host.name, host.spans, scale, html` data-hosts="${host.name}" data-outcome="${outcomes}"`)
}

function row(name: string, spans: readonly Span[], scale: Scale, data: Markup): Markup {
  const bars = spans.map((span) => bar(name, span, scale))
  return html`<div class="row"${data}><span class="name" title="${name}">${name}</span><svg width="100%" height="100%">${bars}</svg></div>
`
}

function bar(host: string, span: Span, scale: Scale): Markup {
  const ms = span.end - span.start
  const width = Math.min(100, Math.max(leastWidth, (ms / scale.length) * 100))
  const left = Math.max(0, Math.min(100 - width, ((span.start - scale.start) / scale.length) * 100))
  const role = span.role === '' ? '' : `${span.role}: `
  const begun = duration(span.start - scale.start)
  const label = `${host} · ${role}${span.label} · ${exactly(ms)}, from ${begun}`
  return html`<rect class="bar ${span.kind}" x="${left.toFixed(2)}%" y="15%" width="${width.toFixed(2)}%" height="70%" rx="2" tabindex="-1" role="img" aria-label="${label}"/>`
}

function axis({ length }: Scale): Markup {
  const step = stepOf(length)
  const ticks = Array.from({ length: Math.floor(length / step) + 1 }, (_, at) => at * step)
  // The last one would be cut off at the edge.
  const labels = ticks.filter((ms) => ms / length < 0.94)
  return html`<div class="axis" aria-hidden="true"><span class="name"></span><svg width="100%" height="100%">${labels.map(
    (ms) =>
      html`<line x1="${percent(ms, length)}" x2="${percent(ms, length)}" y1="60%" y2="100%"/><text x="${percent(ms, length)}" y="50%">${tick(ms, step)}</text>`,
  )}</svg></div>`
}

/** A round number of milliseconds of which four to eight make the whole. */
function stepOf(length: number): number {
  const steps = [
    50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  ]
  return steps.find((step) => length / step <= 6) ?? Math.ceil(length / 6 / 3_600_000) * 3_600_000
}

function tick(ms: number, step: number): string {
  if (step < 1000) return `${(ms / 1000).toFixed(step < 100 ? 2 : 1)}s`
  if (ms < 60_000) return `${ms / 1000}s`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes}m${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')}`
}

function percent(ms: number, length: number): string {
  return `${((ms / length) * 100).toFixed(2)}%`
}

function exactly(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : duration(ms)
}
