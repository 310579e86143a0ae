import type { HostRecord, Recording, Result } from '../recording.ts'
import { duration } from '../style.ts'
import { count } from '../verdict.ts'
import { html, type Markup } from './markup.ts'

/** One change as it was made, the same, on one or more hosts. */
interface Alike {
  readonly result: Result
  readonly on: { readonly host: string; readonly ms: number }[]
}

/** What changed, or would: what was the same on several hosts stands once. */
export function changes(recording: Recording): Markup {
  const groups = grouped([...recording.hosts.values()])
  const title = recording.check ? 'What would change' : 'What changed'
  const handlers = groups.filter(({ result }) => result.id.startsWith('handler ')).length
  const about = [
    count(groups.length - handlers, 'change'),
    ...(handlers > 0 ? [count(handlers, 'handler')] : []),
  ]
  return html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">${title} <small>${groups.length === 0 ? '' : about.join(', ')}</small></h2>
${groups.length === 0 ? html`<p class="none">Nothing.</p>` : groups.map(entry)}
<p class="none" id="no-changes" hidden>Nothing that the filter shows.</p>
</section>`
}

function grouped(hosts: readonly HostRecord[]): readonly Alike[] {
  const groups = new Map<string, Alike>()
  for (const { name, results } of hosts)
    for (const result of results) {
      if (result.outcome === 'unchanged' || result.outcome === 'skipped') continue
      const { role, id, outcome, summary, diff, delegate } = result
      const key = JSON.stringify([role, id, outcome, summary, diff, delegate])
      const alike = groups.get(key) ?? { result, on: [] }
      alike.on.push({ host: name, ms: result.ms })
      groups.set(key, alike)
    }
  return [...groups.values()]
}

function entry({ result, on }: Alike): Markup {
  const { role, id, outcome, summary, diff, delegate } = result
  const names = on.map(({ host }) => host)
  const slowest = Math.max(...on.map(({ ms }) => ms))
  const few = names.length <= 3
  const head = html`<span class="badge ${outcome}">${outcome}</span><span class="id">${role === '' ? '' : html`<span class="role">${role}</span> `}${id}</span><span class="summary">${summary}${delegate === undefined ? '' : ` (on ${delegate})`}</span><span class="on">${few ? hostNames(names) : count(names.length, 'host')}</span><span class="ms">${slowest >= 50 ? duration(slowest) : ''}</span>`
  const kind = outcome === 'unknown' ? 'pending' : outcome
  const data = html` data-hosts="${names.join(' ')}" data-outcome="${kind}"`
  if ((diff === undefined || diff === '') && few)
    return html`<div class="entry"${data}>${head}</div>
`
  return html`<details class="entry"${data}><summary>${head}</summary>${few ? '' : html`<p class="all">${hostNames(names)}</p>`}${
    diff === undefined || diff === '' ? '' : diffMarkup(diff)
  }</details>
`
}

function hostNames(names: readonly string[]): readonly Markup[] {
  return names.map((name) => html`<span class="host">${name}</span> `)
}

function diffMarkup(diff: string): Markup {
  const lines = diff.trimEnd().split('\n')
  return html`<pre class="diff">${lines.map(
    (line) => html`<span class="${classOf(line)}">${line}
</span>`,
  )}</pre>`
}

function classOf(line: string): string {
  if (line.startsWith('@@')) return 'hunk'
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same'
}
