import type { Tally } from '../../engine/event.ts'
import type { Recording, Span } from '../recording.ts'
import { duration } from '../style.ts'
import { outcomesOf } from './header.ts'
import { html, type Markup } from './markup.ts'

interface Column {
  readonly title: string
  readonly of: (tally: Tally) => number
}

/** The recap: a row a host, with where its time went, and what was said on the way. */
export function hosts(recording: Recording): Markup | undefined {
  const { tallies, check, notes } = recording
  if (tallies.length === 0) return undefined
  const possible: readonly (Column & { readonly always: boolean })[] = [
    { title: 'ok', of: (tally) => tally.unchanged, always: true },
    check
      ? { title: 'pending', of: (tally) => tally.pending, always: true }
      : { title: 'changed', of: (tally) => tally.changed, always: true },
    { title: 'handlers', of: (tally) => tally.handlers, always: false },
    { title: 'skipped', of: (tally) => tally.skipped, always: false },
    { title: 'rescued', of: (tally) => tally.rescued, always: false },
  ]
  const columns = possible.filter(({ always, of }) => always || tallies.some((tally) => of(tally) > 0))
  return html`<section id="hosts" aria-labelledby="hosts-title">
<h2 id="hosts-title">Hosts</h2>
<div class="wide"><table>
<thead><tr><th scope="col">host</th>${columns.map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}<th scope="col" class="number">connect</th><th scope="col" class="number">look</th><th scope="col" class="number">change</th><th scope="col">state</th></tr></thead>
<tbody>${tallies.map((tally) => row(tally, columns, recording))}</tbody>
</table></div>
${remarks(recording)}
${notes.length === 0 ? '' : html`<details class="notes"><summary>Notes</summary><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul></details>`}
</section>`
}

function row(tally: Tally, columns: readonly Column[], recording: Recording): Markup {
  const host = recording.hosts.get(tally.host) ?? { name: tally.host, spans: [], results: [], failures: [] }
  const time = (counts: (span: Span) => boolean) => {
    const ms = host.spans.filter(counts).reduce((sum, span) => sum + span.end - span.start, 0)
    return html`<td class="number dim">${ms === 0 ? '' : duration(ms)}</td>`
  }
  const looks = ({ kind }: Span) => kind === 'look'
  // What failed before it had a resource to fail at failed while connecting.
  const connects = ({ kind, role }: Span) => kind === 'connect' || (kind === 'failed' && role === '')
  const changes = (span: Span) => !looks(span) && !connects(span)
  return html`<tr data-hosts="${tally.host}" data-outcome="${outcomesOf(host, recording).join(' ')}"><th scope="row">${tally.host}</th>${columns.map(
    ({ of }) => html`<td class="number${of(tally) === 0 ? ' dim' : ''}">${of(tally)}</td>`,
  )}${time(connects)}${time(looks)}${time(changes)}<td><span class="state ${tally.state}">${tally.state}</span></td></tr>
`
}

function remarks(recording: Recording): Markup | undefined {
  const all = [...recording.hosts.values()].flatMap(({ name, remarks }) =>
    remarks.map((text) => ({ name, text })),
  )
  if (all.length === 0) return undefined
  return html`<details class="notes"><summary>On the way</summary><ul>${all.map(
    ({ name, text }) => html`<li data-hosts="${name}"><span class="host">${name}</span> ${text}</li>`,
  )}</ul></details>`
}
