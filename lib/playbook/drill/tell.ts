import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Evidence, type Kept, verdictOf } from '../../backup/drill/index.ts'
import type { Place } from '../../backup/place.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import { tellDrill } from '../backup/metrics.ts'
import type { Run } from '../playbook.ts'

/** How a drill went, to whoever asked: in words, as files, as metrics; and by the exit code, since it throws for one that failed. */
export async function tellVerdict(run: Run, place: Place, kept: Kept): Promise<void> {
  const { evidence } = kept
  await keepHere(run, kept)
  run.emit({ type: 'result', of: 'drill', data: { ...evidence } })
  if (!run.args.has('json')) print(run, place, kept)
  if (evidence.ok) return await tellDrill(run, place, evidence)
  // That it failed is what has to be told, whatever becomes of its figures.
  await tellDrill(run, place, evidence).catch((error: unknown) => {
    run.emit({ type: 'note', text: messageOf(error) })
  })
  throw failureOf(evidence)
}

async function keepHere({ args }: Run, { evidence: { drill }, json, html }: Kept): Promise<void> {
  const dir = args.text('evidence')
  if (dir === undefined) return
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, `${drill}.json`), json)
  await writeFile(join(dir, `${drill}.html`), html)
}

function print({ args, print }: Run, { store }: Place, { evidence, key }: Kept): void {
  const { rpoSeconds, rtoSeconds } = evidence
  const dir = args.text('evidence')
  const figure = (seconds: number | undefined) => (seconds === undefined ? 'not known' : `${seconds} s`)
  print(`\n${verdictOf(evidence)}`)
  print(`  RPO ${figure(rpoSeconds)}, RTO ${figure(rtoSeconds)}`)
  print(`  evidence: ${key} in ${store.name}${dir === undefined ? '' : `, and in ${dir}`}`)
}

function failureOf({ backup, steps }: Evidence): QuaysideError {
  const failed = steps.filter(({ outcome }) => outcome === 'failed')
  return new QuaysideError(
    `the drill of ${backup} failed: ${failed.map(({ title, problems }) => `${title}: ${problems[0] ?? ''}`).join('; ')}`,
    { hint: 'the evidence has all of it; do not count on this backup until it is explained' },
  )
}
