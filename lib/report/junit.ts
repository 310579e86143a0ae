import { QuaysideError } from '../error.ts'
import { printable } from './printable.ts'
import type { Failure, HostRecord, Recording, Result } from './recording.ts'

interface Case {
  readonly classname: string
  readonly name: string
  readonly ms: number
  /** what it contains: a failure, an error, skipped, what was changed */
  readonly body?: string
  readonly verdict: 'passed' | 'failures' | 'errors' | 'skipped'
}

/** A run as JUnit XML: a suite a host with a case a resource, and one for the steps of the run itself. */
export function junit(recording: Recording): string {
  const suites = [
    ...[...recording.hosts.values()].map((host) => suite(host.name, casesOf(host, recording), recording)),
    ...runCases(recording, (cases) => suite(recording.playbook, cases, recording)),
  ]
  const all = suites.flatMap(({ cases }) => cases)
  const name = `${recording.playbook} ${recording.env}`
  const time = seconds(recording.end - recording.start)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(name)}" ${counts(all)} time="${time}">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(
  name: string,
  cases: readonly Case[],
  recording: Recording,
): { xml: string; cases: readonly Case[] } {
  const time = seconds(cases.reduce((sum, each) => sum + each.ms, 0))
  const begun = new Date(recording.start).toISOString().slice(0, 19)
  const head = `name="${attribute(name)}" hostname="${attribute(name)}" ${counts(cases)} time="${time}" timestamp="${begun}"`
  const xml = [`  <testsuite ${head}>`, ...cases.map(caseXml), '  </testsuite>'].join('\n')
  return { xml, cases }
}

function casesOf(host: HostRecord, recording: Recording): readonly Case[] {
  const state = recording.tallies.find((tally) => tally.host === host.name)?.state
  const stop = recording.stopped.find(({ left }) => left.includes(host.name))
  const left = state === 'left-out' ? [leftOut(stop?.why ?? 'its play stopped before it was done')] : []
  // A failure that the playbook dealt with does not make the run red.
  const failures = host.failures.map((failure) => failureCase(failure, state === 'ok'))
  return [...host.results.map(resultCase), ...failures, ...left]
}

function runCases<T>({ steps, ended }: Recording, suiteOf: (cases: readonly Case[]) => T): T[] {
  const cases: Case[] = steps.map(({ text, ms = 0 }) => ({
    classname: 'steps',
    name: text,
    ms,
    verdict: 'passed',
  }))
  if (ended !== undefined) {
    const name = ended.interrupted ? 'interrupted' : 'the run'
    cases.push({ classname: 'run', name, ms: 0, verdict: 'errors', body: problem('error', ended.error) })
  }
  return cases.length === 0 ? [] : [suiteOf(cases)]
}

function resultCase(result: Result): Case {
  const { role: classname, id: name, ms, outcome, summary = '' } = result
  const each = { classname, name, ms }
  if (outcome === 'failed') {
    const body = `<failure message="${attribute(summary)}">${text(summary)}</failure>`
    return { ...each, verdict: 'failures', body }
  }
  if (outcome === 'skipped')
    return {
      ...each,
      verdict: 'skipped',
      body: `<skipped message="${attribute(summary || 'done elsewhere')}"/>`,
    }
  if (outcome === 'unchanged') return { ...each, verdict: 'passed' }
  const said = [`${outcome}${summary === '' ? '' : `: ${summary}`}`, result.diff ?? ''].join('\n').trim()
  return { ...each, verdict: 'passed', body: `<system-out>${text(said)}</system-out>` }
}

function failureCase({ id, role, unreachable, error }: Failure, rescued: boolean): Case {
  const each = { classname: role || 'host', name: id ?? (unreachable ? 'connection' : 'play'), ms: 0 }
  if (rescued)
    return {
      ...each,
      verdict: 'skipped',
      body: `<skipped message="${attribute(`rescued: ${error.message}`)}"/>`,
    }
  return unreachable
    ? { ...each, verdict: 'errors', body: problem('error', error) }
    : { ...each, verdict: 'failures', body: problem('failure', error) }
}

function leftOut(why: string): Case {
  const body = `<skipped message="${attribute(why)}"/>`
  return { classname: 'host', name: 'left out', ms: 0, verdict: 'skipped', body }
}

function problem(element: 'failure' | 'error', error: Error): string {
  const hint = error instanceof QuaysideError && error.hint !== undefined ? `\nhint: ${error.hint}` : ''
  const first = error.message.split('\n')[0] ?? ''
  return `<${element} type="${attribute(error.name)}" message="${attribute(first)}">${text(error.message + hint)}</${element}>`
}

function caseXml({ classname, name, ms, body }: Case): string {
  const head = `    <testcase classname="${attribute(classname)}" name="${attribute(name)}" time="${seconds(ms)}"`
  return body === undefined ? `${head}/>` : `${head}>\n      ${body}\n    </testcase>`
}

function counts(cases: readonly Case[]): string {
  const of = (verdict: Case['verdict']) => cases.filter((each) => each.verdict === verdict).length
  return `tests="${cases.length}" failures="${of('failures')}" errors="${of('errors')}" skipped="${of('skipped')}"`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** XML 1.0 has no control characters, not even as references: they are replaced. */
function text(value: string): string {
  return printable(value)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')
}
