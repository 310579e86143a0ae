import { setTimeout as sleep } from 'node:timers/promises'
import { StepError } from '../engine/error.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Script } from '../script/index.ts'
import type { Colour } from './colour.ts'
import { hostPorts } from './container.ts'
import {
  type Answer,
  ask,
  direct,
  type Flip,
  live,
  parseAnswers,
  preview,
  type Question,
  removeJournal,
  switchTo,
  writeJournal,
} from './edge.ts'
import type { Release } from './release.ts'
import type { Site } from './site.ts'

/** Every edge reaches every container of the colour by itself, and the preview listener answers as it should. */
export async function proveReady(fleet: Fleet, site: Site, colour: Colour, release: Release): Promise<void> {
  const reach = site.apps.flatMap((app) =>
    site.appHosts.flatMap((host) =>
      hostPorts(app, colour).map((port) => {
        const where = `${host.privateAddress}:${port}${app.health}`
        return direct(
          `cannot reach ${app.name} of ${colour} on ${host.name} (${where})`,
          host.privateAddress,
          port,
          app.health,
        )
      }),
    ),
  )
  await askAll(fleet, site.edges, 'reach the new colour', reach, (_, answer) => wrongStatus(answer))
  const smoke = site.apps.flatMap((app) => [
    ...app.smoke.map((path) => ({ app, path, version: false })),
    ...(app.version === undefined ? [] : [{ app, path: app.version, version: true }]),
  ])
  const questions = smoke.map(({ path }) => preview(site.access, colour, path))
  await askAll(
    fleet,
    site.edges,
    'smoke test through the preview listener',
    questions,
    (index, answer) =>
      wrongStatus(answer) ?? (smoke[index]?.version ? wrongRelease(answer, release) : undefined),
  )
}

/** What a flip works with: a deploy's. */
interface Flipping {
  readonly fleet: Fleet
  readonly site: Site
  readonly emit: Emit
  readonly faults?: () => Promise<readonly string[]>
}

/**
 * Switches all edges, has each tell that it answers with the new release, and looks whether the apps are well. Any failure
 * on any edge puts all of them back; the journal on each edge lets the next run do so when this one dies in between.
 */
export async function flip(
  { fleet, site, emit, faults }: Flipping,
  move: Flip,
  release: Release,
): Promise<void> {
  const { edges } = site
  try {
    await fleet.run(edges, 'write the flip journal', () => writeJournal(move))
    const started = performance.now()
    await fleet.run(edges, `switch to ${move.to}`, () => switchTo(move.to), { timeoutSeconds: 15 })
    await proveLive(fleet, site, move.to, release)
    const names = edges.map((edge) => edge.name).join(', ')
    emit({
      type: 'step',
      text: `flipped ${names} to ${move.to}, and each answers with ${release.id}`,
      ms: performance.now() - started,
    })
    if (faults !== undefined) await proveWell(faults, release, emit)
    await fleet.run(edges, 'close the flip journal', () => removeJournal)
  } catch (error) {
    if (move.from !== move.to) await putBack(fleet, edges, move.from, emit)
    // A first release has none to be put back to: without its journal the next run does not undo it to itself.
    else await fleet.run(edges, 'close the flip journal', () => removeJournal).catch(() => undefined)
    throw error
  }
}

async function proveWell(
  faults: () => Promise<readonly string[]>,
  release: Release,
  emit: Emit,
): Promise<void> {
  const started = performance.now()
  const found = await faults()
  if (found.length > 0)
    throw new QuaysideError(`${release.id} is served, and is not well:\n${found.join('\n')}`, {
      hint: 'health.ts asks the same; docker logs still has what its containers said',
    })
  emit({
    type: 'step',
    text: `${release.id} is well by every check of health`,
    ms: performance.now() - started,
  })
}

/** Each edge answers to a client's request with this colour and release. */
export async function proveLive(fleet: Fleet, site: Site, colour: Colour, release: Release): Promise<void> {
  const questions = site.apps.map((app) => live(site.access, app.version ?? app.health))
  await askAll(fleet, site.edges, `verify that ${colour} answers`, questions, (index, answer) => {
    const served = answer.headers.get('x-colour')
    if (answer.status !== 0 && served !== colour)
      return `it answers with ${served ?? 'no colour'}, not ${colour}`
    return (
      wrongStatus(answer) ??
      (site.apps[index]?.version === undefined ? undefined : wrongRelease(answer, release))
    )
  })
}

/** Switches every edge that can be reached back to a colour, and says of each that cannot. */
export async function putBack(
  fleet: Fleet,
  edges: readonly Host[],
  colour: Colour,
  emit: Emit,
): Promise<void> {
  const undo: readonly Script[] = [switchTo(colour), removeJournal]
  const failed = await Promise.all(
    edges.map(async (edge) => {
      try {
        for (const script of undo)
          await fleet.run([edge], `switch back to ${colour}`, () => script, { timeoutSeconds: 15 })
        return undefined
      } catch (error) {
        return `${edge.name} could not be switched back: ${messageOf(error)}`
      }
    }),
  )
  const stuck = failed.filter((each) => each !== undefined)
  emit({ type: 'step', text: stuck.length === 0 ? `all edges are back on ${colour}` : stuck.join('; ') })
}

/** A minute is long enough for an app that was just restarted, and a second too short. */
const patience = { tries: 5, pauseMs: 800 }

async function askAll(
  fleet: Fleet,
  edges: readonly Host[],
  step: string,
  questions: readonly Question[],
  wrong: (index: number, answer: Answer) => string | undefined,
): Promise<void> {
  if (questions.length === 0) return
  const settled = await Promise.allSettled(
    edges.map(async (edge) => {
      for (let attempt = 1; ; attempt += 1) {
        const { stdout } = (await fleet.run([edge], step, () => ask(questions))).get(edge.name) ?? {
          stdout: '',
        }
        const faults = parseAnswers(questions, stdout).flatMap((answer, index) => {
          const fault = wrong(index, answer)
          return fault === undefined ? [] : [`${answer.name}: ${fault}`]
        })
        if (faults.length === 0) return
        if (attempt === patience.tries)
          throw new StepError(edge.name, step, { why: 'not as it should be', stderr: faults.join('\n') })
        await sleep(patience.pauseMs)
      }
    }),
  )
  const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []))
  if (failures.length > 1) throw new QuaysideError(failures.map(messageOf).join('\n'))
  if (failures[0] !== undefined) throw failures[0]
}

function wrongStatus(answer: Answer): string | undefined {
  if (answer.status === 0) return answer.failure
  if (answer.status >= 200 && answer.status < 400) return undefined
  return `HTTP ${answer.status} ${answer.body.slice(0, 300).replaceAll('\n', ' ')}`
}

function wrongRelease(answer: Answer, release: Release): string | undefined {
  if (answer.headers.get('x-release') === release.id || answer.body.includes(`"${release.id}"`))
    return undefined
  return `it is not release ${release.id}: ${answer.body.slice(0, 200)}`
}
