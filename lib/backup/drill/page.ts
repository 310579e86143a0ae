import { framed, tiles } from '../../report/page/frame.ts'
import { html, type Markup } from '../../report/page/markup.ts'
import { style as common } from '../../report/page/style.ts'
import { duration } from '../../report/style.ts'
import type { Evidence, StepRecord } from './evidence.ts'

const style = `${common}
.bar.ok { fill: var(--ok) } .bar.skipped, .bar.not-run { fill: var(--connect) } .key.ok { background: var(--ok) } .key.skipped { background: var(--connect) }
.dot.skipped, .dot.not-run { background: var(--connect) } .state.skipped, .state.not-run { color: var(--soft) }
.row, .axis { grid-template-columns: minmax(96px, 300px) 1fr } .row .name { font-family: inherit; font-size: 14px }
td.text { white-space: normal; overflow-wrap: anywhere; min-width: 220px } .problems { margin: 6px 0 0; padding-left: 18px; color: var(--failed) }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 0 } dl.facts dt { color: var(--soft) } dl.facts dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 760px) { .row, .axis { grid-template-columns: 110px 1fr } }
`

/** A drill's evidence as one page that needs nothing else. */
export function page(evidence: Evidence): string {
  const { env, backup, ok } = evidence
  return framed({
    title: `${verdictOf(evidence)}: drill of ${backup}`,
    verdict: ok ? 'ok' : 'failed',
    style,
    header: html`<header>
<p class="what">restore-drill.ts <span>on</span> ${env}</p>
<h1><span class="dot ${ok ? 'ok' : 'failed'}" aria-hidden="true"></span>${verdictOf(evidence)}</h1>
<p class="when">${evidence.recovery === undefined ? 'backup' : 'base backup'} ${backup} · <time datetime="${evidence.startedAt}">${inWords(evidence.startedAt)}</time> · took ${duration(tookOf(evidence))}</p>
${tiles(tilesOf(evidence))}
</header>`,
    main: [timeline(evidence), steps(evidence), tables(evidence), indexes(evidence), facts(evidence)],
  })
}

/** What a drill came to, in a sentence. */
export function verdictOf({ ok, steps, recovery }: Pick<Evidence, 'ok' | 'steps' | 'recovery'>): string {
  if (ok) return recovery === undefined ? 'The backup restores' : 'The point in time can be had'
  const failed = steps.filter(({ outcome }) => outcome === 'failed')
  return failed.length === 1
    ? `The drill failed: not true that ${lowered(failed[0]?.title ?? '')}`
    : `The drill failed in ${failed.length} steps`
}

/** "41 s", "12 min", "3.5 h", "2.1 days" */
export function span(seconds: number): string {
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`
  return `${(seconds / 86_400).toFixed(1)} days`
}

function tilesOf(evidence: Evidence): readonly (readonly [string, string, string])[] {
  const { rpoSeconds, rtoSeconds, tables, steps, recovery } = evidence
  const equal = tables.filter((each) => each.equal).length
  const passed = steps.filter(({ outcome }) => outcome === 'ok').length
  const ran = steps.filter(({ outcome }) => outcome !== 'skipped').length
  return [
    ['would be lost (RPO)', rpoSeconds === undefined ? '–' : span(rpoSeconds), ''],
    ['until it serves (RTO)', rtoSeconds === undefined ? '–' : span(rtoSeconds), ''],
    recovery === undefined
      ? ['tables as they were', `${equal} of ${tables.length}`, equal === tables.length ? 'ok' : 'failed']
      : ['recovered to', recovery.to === 'latest' ? 'the latest' : inWords(recovery.to), ''],
    ['steps that hold', `${passed} of ${ran}`, passed === ran ? 'ok' : 'failed'],
  ]
}

/** When each step ran, one below the other: widths are times. */
function timeline(evidence: Evidence): Markup {
  const length = Math.max(1, ...evidence.steps.map(({ start, ms }) => start + ms))
  const ran = evidence.steps.filter(({ outcome }) => outcome !== 'not-run')
  return html`<section id="timeline" aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline <small>${duration(length)} in all</small></h2>
<ul class="legend"><li><span class="key ok" aria-hidden="true"></span>holds</li><li><span class="key failed" aria-hidden="true"></span>failed</li><li><span class="key skipped" aria-hidden="true"></span>nothing to prove</li></ul>
<div class="chart">${ran.map((step) => row(step, length))}</div>
</section>`
}

function row({ id, title, outcome, start, ms }: StepRecord, length: number): Markup {
  const width = Math.min(100, Math.max(0.35, (ms / length) * 100))
  const left = Math.min(100 - width, (start / length) * 100)
  const label = `${title}: ${outcome}, ${duration(ms)}, from ${duration(start)}`
  return html`<div class="row" data-step="${id}"><span class="name" title="${title}">${title}</span><svg width="100%" height="100%"><rect class="bar ${outcome}" x="${left.toFixed(2)}%" y="15%" width="${width.toFixed(2)}%" height="70%" rx="2" role="img" aria-label="${label}"><title>${label}</title></rect></svg></div>
`
}

function steps({ steps }: Evidence): Markup {
  return html`<section id="steps" aria-labelledby="steps-title">
<h2 id="steps-title">Steps</h2>
<div class="wide"><table>
<thead><tr><th>must hold</th><th>verdict</th><th>found</th><th class="number">time</th></tr></thead>
<tbody>${steps.map(
    ({ id, title, outcome, text, problems, ms }) =>
      html`<tr data-step="${id}" data-outcome="${outcome}"><td class="text">${title}</td><td class="state ${outcome}">${outcome.replace('-', ' ')}</td><td class="text">${text}${
        problems.length === 0
          ? undefined
          : html`<ul class="problems">${problems.map((each) => html`<li>${each}</li>`)}</ul>`
      }</td><td class="number">${duration(ms)}</td></tr>
`,
  )}</tbody></table></div>
</section>`
}

function tables({ tables }: Evidence): Markup {
  if (tables.length === 0) return html``
  const sorted = [...tables].sort((a, b) => Number(a.equal) - Number(b.equal))
  return html`<section id="tables" aria-labelledby="tables-title">
<h2 id="tables-title">Tables <small>rows and content hash, backup against restored</small></h2>
<div class="wide"><table>
<thead><tr><th>database</th><th>table</th><th class="number">in the backup</th><th class="number">restored</th><th>verdict</th></tr></thead>
<tbody>${sorted.map(
    ({ database, schema, name, rows, restored, equal }) =>
      html`<tr data-equal="${String(equal)}"><td>${database}</td><th>${schema}.${name}</th><td class="number">${rows}</td><td class="number">${restored ?? '–'}</td><td class="state ${equal ? 'ok' : 'failed'}">${equal ? 'equal' : 'differs'}</td></tr>
`,
  )}</tbody></table></div>
</section>`
}

function indexes({ indexes }: Evidence): Markup {
  if (indexes.length === 0) return html``
  return html`<section id="indexes" aria-labelledby="indexes-title">
<h2 id="indexes-title">Vector indexes <small>the 10 nearest, found by index and by exact search</small></h2>
<div class="wide"><table>
<thead><tr><th>database</th><th>index</th><th>table</th><th>method</th><th class="number">rebuilt in</th><th class="number">recall</th><th class="number">searches</th></tr></thead>
<tbody>${indexes.map(
    ({ database, name, table, method, buildMs, recall, samples }) =>
      html`<tr><td>${database}</td><th>${name}</th><td>${table}</td><td>${method}</td><td class="number">${buildMs === undefined ? '–' : duration(buildMs)}</td><td class="number">${recall === undefined ? '–' : `${(recall * 100).toFixed(1)} %`}</td><td class="number">${samples ?? 0}</td></tr>
`,
  )}</tbody></table></div>
</section>`
}

function facts(evidence: Evidence): Markup {
  const { drill, chosen, snapshotAt, recovery, store, host, image, by, apps } = evidence
  const asOf = recovery === undefined ? snapshotAt : recovery.reached
  const all: readonly (readonly [string, string])[] = [
    ['drill', drill],
    ['chosen', chosen],
    [recovery === undefined ? 'data as of' : 'last transaction', asOf === undefined ? '–' : inWords(asOf)],
    ['store', store],
    ['host', host],
    ['image', image],
    ['run by', by],
    ...apps.map(({ name, image, answers }): [string, string] => [
      `app ${name}`,
      `${image}: ${answers.map(({ path, status }) => `${path} ${status}`).join(', ')}`,
    ]),
  ]
  return html`<section id="facts" aria-labelledby="facts-title">
<h2 id="facts-title">Where and what</h2>
<dl class="facts">${all.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>`
}

function tookOf({ startedAt, finishedAt }: Evidence): number {
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt))
}

function inWords(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}

function lowered(title: string): string {
  return title.slice(0, 1).toLowerCase() + title.slice(1)
}
