import type { Outcome } from '../../engine/event.ts'
import type { Recording } from '../recording.ts'
import { duration } from '../style.ts'
import { count, type Verdict } from '../verdict.ts'
import { tiles } from './frame.ts'
import { html, type Markup } from './markup.ts'

/** What ran, when, and what it came to. */
export function header(recording: Recording, verdict: Verdict): Markup {
  const { playbook, env, check, start, end, tallies } = recording
  const sum = (of: 'unchanged' | 'changed' | 'pending' | 'handlers' | 'skipped' | 'rescued') =>
    tallies.reduce((so, tally) => so + tally[of], 0)
  const inState = (state: string) => tallies.filter((tally) => tally.state === state).length
  const all: readonly (readonly [string, number, string, boolean])[] = [
    [tallies.length === 1 ? 'host' : 'hosts', tallies.length, '', true],
    ['as they should be', sum('unchanged'), 'ok', true],
    check ? ['pending', sum('pending'), 'pending', true] : ['changed', sum('changed'), 'changed', true],
    ['handlers run', sum('handlers'), 'handler', sum('handlers') > 0],
    ['skipped', sum('skipped'), '', sum('skipped') > 0],
    ['rescued', sum('rescued'), 'changed', sum('rescued') > 0],
    ['failed', inState('failed'), 'failed', inState('failed') > 0],
    ['unreachable', inState('unreachable'), 'failed', inState('unreachable') > 0],
    ['left out', inState('left-out'), '', inState('left-out') > 0],
  ]
  const at = new Date(start).toISOString()
  return html`<header>
<p class="what">${playbook}.ts <span>on</span> ${env}${check ? html` <span class="tag">check: nothing was changed</span>` : ''}</p>
<h1><span class="dot ${verdict.state}" aria-hidden="true"></span>${verdict.text}</h1>
<p class="when"><time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time> · took ${duration(end - start)}</p>
${tiles(all.filter(([, , , shown]) => shown).map(([name, number, kind]) => [name, String(number), number > 0 ? kind : '']))}
</header>`
}

const choices: readonly (readonly [string, string])[] = [
  ['failed', 'failed'],
  ['changed', 'changed'],
  ['pending', 'pending'],
  ['ok', 'nothing to do'],
]

/** Which hosts and outcomes the rest of the page shows; of use with more than one host alone. */
export function filters(recording: Recording): Markup {
  const outcomes = [...recording.hosts.values()].map((host) => outcomesOf(host, recording))
  const shown = choices.filter(([choice]) => outcomes.some((each) => each.includes(choice)))
  return html`<form class="filters" id="filters" hidden>
<label><span>Host</span> <input type="search" id="host" list="names" placeholder="any of ${count(recording.hosts.size, 'host')}" autocomplete="off" spellcheck="false"></label>
<datalist id="names">${[...recording.hosts.keys()].map((name) => html`<option value="${name}">`)}</datalist>
<fieldset><legend>Outcome</legend>${shown.map(
    ([choice, name]) =>
      html`<label class="chip"><input type="checkbox" name="outcome" value="${choice}"><span class="dot ${choice}" aria-hidden="true"></span>${name}</label>`,
  )}</fieldset>
<output id="shown"></output>
</form>`
}

const kinds: Partial<Record<Outcome, string>> = {
  changed: 'changed',
  pending: 'pending',
  unknown: 'pending',
  failed: 'failed',
}

/** What the filters call a host's outcomes: all that happened on it, or "ok" where nothing did. */
export function outcomesOf(
  host: {
    readonly name: string
    readonly results: readonly { readonly outcome: Outcome }[]
    readonly failures: readonly unknown[]
  },
  recording: Recording,
): readonly string[] {
  const state = recording.tallies.find((tally) => tally.host === host.name)?.state
  const all = new Set(host.results.flatMap(({ outcome }) => kinds[outcome] ?? []))
  if (host.failures.length > 0 || state === 'failed' || state === 'unreachable') all.add('failed')
  return all.size === 0 ? ['ok'] : [...all]
}
