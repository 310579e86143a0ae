import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { QuaysideError } from '../error.ts'
import { containers } from './containers.ts'
import { compose, type Project } from './project.ts'
import { verdictOf } from './verdict.ts'

export interface Expected {
  /** services that stay */
  readonly stay: readonly string[]
  /** services that run once and end */
  readonly once: readonly string[]
}

/** Compose takes a fifth of a second of processor to tell how its containers are. */
const everyMs = 1000
/** how often a service may be found between an end and its next start: Docker waits longer each time */
const mostRestarts = 10

/**
 * Waits until all services are healthy, and those that run once have ended well. `onReady` hears of each as it gets
 * there. Throws as soon as one has failed, with its last words, and when the time is over.
 */
export async function awaitServices(
  project: Project,
  expected: Expected,
  options: { seconds: number; signal: AbortSignal; onReady: (service: string) => void },
): Promise<void> {
  const { onReady, seconds, signal } = options
  const waiting = new Set([...expected.once, ...expected.stay])
  const restarts = new Map<string, number>()
  const until = Date.now() + seconds * 1000
  for (;;) {
    const found = await containers(project)
    for (const service of [...waiting]) {
      const verdict = verdictOf(
        found.find((each) => each.service === service),
        expected.once.includes(service),
      )
      const tries = (restarts.get(service) ?? 0) + (verdict.word === 'restarting' ? 1 : 0)
      restarts.set(service, tries)
      if (verdict.word === 'failed' || (verdict.word === 'restarting' && tries > mostRestarts))
        throw await failure(project, service, verdict.why)
      if (verdict.word === 'ready') {
        waiting.delete(service)
        onReady(service)
      }
    }
    if (waiting.size === 0) return
    if (Date.now() > until) throw await late(project, [...waiting], seconds)
    await sleep(everyMs, undefined, { signal })
  }
}

/** What is wrong with the first service that has failed; undefined where none has. */
export async function failureIn(project: Project, expected: Expected): Promise<QuaysideError | undefined> {
  for (const container of await containers(project)) {
    const verdict = verdictOf(container, expected.once.includes(container.service))
    if (verdict.word === 'failed') return failure(project, container.service, verdict.why)
  }
  return undefined
}

async function late(project: Project, services: readonly string[], seconds: number): Promise<QuaysideError> {
  const [first = ''] = services
  return failure(project, first, `after ${seconds} s ${services.join(', ')} still did not answer as healthy`)
}

async function failure(project: Project, service: string, why: string): Promise<QuaysideError> {
  const said = await lastLines(project, service)
  return new QuaysideError(`${service}: ${why}${said === '' ? '' : `\n${said}`}`, {
    ...(/password authentication failed/.test(said) && { hint: otherPassword }),
  })
}

const otherPassword =
  'the data was made with another password: put that one back among the secrets, or remove the data (reset)'

async function lastLines(project: Project, service: string): Promise<string> {
  const text = await compose(project, [
    'logs',
    '--no-color',
    '--no-log-prefix',
    '--tail',
    '15',
    service,
  ]).catch(() => '')
  // Compose rewrites its lines even where it is told that nobody watches.
  return stripVTControlCharacters(text).trimEnd()
}
