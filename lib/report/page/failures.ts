import { QuaysideError } from '../../error.ts'
import type { Failure, Recording } from '../recording.ts'
import { html, type Markup } from './markup.ts'

/** What went wrong, with what to do about it; hosts that failed alike stand together. */
export function failures(recording: Recording): Markup | undefined {
  const { ended, stopped } = recording
  const groups = new Map<string, Failure[]>()
  for (const failure of [...recording.hosts.values()].flatMap((host) => host.failures)) {
    const key = JSON.stringify([failure.id, failure.unreachable, messageOf(failure), hintOf(failure.error)])
    groups.set(key, [...(groups.get(key) ?? []), failure])
  }
  const cards = [
    ...(ended === undefined ? [] : [runCard(ended.error, ended.interrupted)]),
    ...[...groups.values()].map((alike) => hostCard(alike, recording)),
    ...stopped.map(({ hosts, why, left }) => stopCard(hosts, why, left)),
  ]
  if (cards.length === 0) return undefined
  return html`<section id="failures" aria-labelledby="failures-title">
<h2 id="failures-title">What went wrong</h2>
${cards}
</section>`
}

function runCard(error: Error, interrupted: boolean): Markup {
  const title = interrupted ? 'The run was interrupted' : 'The run ended here'
  return html`<article class="card ${interrupted ? 'interrupted' : 'failed'}"><h3>${title}</h3>${interrupted ? '' : detail(error.message)}${hint(error)}</article>`
}

function hostCard(alike: readonly Failure[], recording: Recording): Markup | undefined {
  const [first] = alike
  if (first === undefined) return undefined
  const names = alike.map(({ host }) => host)
  const rescued = names.every((name) => recording.tallies.find(({ host }) => host === name)?.state === 'ok')
  const word = first.unreachable ? 'unreachable' : rescued ? 'failed, and was dealt with' : 'failed'
  return html`<article class="card failed" data-hosts="${names.join(' ')}" data-outcome="failed">
<h3>${names.map((name) => html`<span class="host">${name}</span> `)}<span class="word">${word}</span></h3>
${first.id === undefined ? '' : html`<p class="id">${first.role === '' ? '' : html`<span class="role">${first.role}</span> `}${first.id}</p>`}
${detail(messageOf(first))}${hint(first.error)}</article>`
}

function stopCard(hosts: string, why: string, left: readonly string[]): Markup {
  return html`<article class="card interrupted"><h3>The play on ${hosts} stopped</h3><p>${why}</p>${
    left.length === 0
      ? ''
      : html`<p class="left">Left out: ${left.map((name) => html`<span class="host">${name}</span> `)}</p>`
  }</article>`
}

function detail(message: string): Markup {
  const [first = '', ...rest] = message.split('\n')
  const more = rest.join('\n').replace(/^ {4}/gm, '')
  return html`<p class="why">${first}</p>${more.trim() === '' ? '' : html`<pre>${more}</pre>`}`
}

function hint(error: Error): Markup | undefined {
  const text = hintOf(error)
  return text === undefined ? undefined : html`<p class="hint"><b>What to do</b> ${text}</p>`
}

function hintOf(error: Error): string | undefined {
  return error instanceof QuaysideError ? error.hint : undefined
}

/** The host and the resource stand above it already. */
function messageOf({ host, id, error }: Failure): string {
  const without = (text: string, start: string) => (text.startsWith(start) ? text.slice(start.length) : text)
  const message = without(error.message, `${host}: `)
  return id === undefined ? message : without(message, `${id}: `)
}
