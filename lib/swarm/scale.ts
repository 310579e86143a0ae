import { QuaysideError, UsageError } from '../error.ts'
import { didYouMean } from '../nearest.ts'
import { keepOnEach, newestKept } from './keep.ts'
import { Managers } from './manager.ts'
import type { StackWork } from './rollout.ts'
import { readStackFile, type StackFile, stackText, textHash, type Words } from './stack-file.ts'
import { takeOver } from './take-over.ts'

/** service → how many of it are to run */
export type Replicas = Readonly<Record<string, number>>

/** The file with other numbers. Throws a UsageError for a service that cannot be scaled; `data` are those that keep data. */
export function scaled(file: StackFile, wanted: Replicas, data: readonly string[]): StackFile {
  const services: Record<string, Words> = { ...file.services }
  for (const [name, replicas] of Object.entries(wanted)) {
    const service = services[name]
    if (service === undefined)
      throw new UsageError(
        `the stack has no service "${name}"`,
        didYouMean(name, Object.keys(services)) ?? Object.keys(services).join(', '),
      )
    const deploy = (service.deploy ?? {}) as Words
    if (deploy.mode === 'global')
      throw new UsageError(
        `${name} runs once on every node that fits: ${JSON.stringify((deploy.placement as Words | undefined)?.constraints ?? [])}`,
        "the nodes' labels say where: swarm_labels",
      )
    if (data.includes(name))
      throw new UsageError(`${name} keeps data in one volume, and runs once`, 'docs/scaling.md')
    services[name] = { ...service, deploy: { ...deploy, replicas } }
  }
  return { ...file, services }
}

/**
 * Has more or fewer tasks of services run, of the release that runs, and follows them to their end. It stays so until the
 * next deploy, which goes by the inventory.
 */
export async function scaleStack(
  work: StackWork,
  { stack, data }: { readonly stack: string; readonly data: readonly string[] },
  wanted: Replicas,
): Promise<void> {
  const managers = new Managers(work, work.managers)
  const kept = await newestKept(work)
  const last = kept.history.at(-1)
  if (last === undefined || kept.file === '')
    throw new QuaysideError(`nothing was deployed to ${stack} yet`, { hint: 'deploy.ts comes first' })
  const before = readStackFile(kept.file, () => undefined)
  const file = scaled(before, wanted, data)
  const text = stackText(file, `${stack} of release ${last.id}, scaled`)
  const release = { id: last.id, images: last.images, config: textHash(text) }
  await keepOnEach(work, release, text, [])
  const services = Object.keys(file.services)
  await takeOver(work, managers, { stack, release, text, services, prune: true, kind: 'scale' }, kept)
}
