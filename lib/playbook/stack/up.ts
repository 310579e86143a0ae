import { CommandError } from '../../command.ts'
import { containers } from '../../compose/containers.ts'
import type { Phases } from '../../compose/phases.ts'
import { compose, type Project } from '../../compose/project.ts'
import { awaitServices, failureIn } from '../../compose/waiting.ts'
import { expected, pulled } from '../../stack/expected.ts'
import type { StackSite } from './site.ts'

const minutes = 60_000

/** From images to a stack whose every service is healthy, step by step. Throws with the last words of what failed. */
export async function bringUp(
  { setting, stack }: Pick<StackSite, 'setting' | 'stack'>,
  project: Project,
  options: { phases: Phases; signal: AbortSignal; build: boolean; verbose?: (line: string) => void },
): Promise<void> {
  const { build, phases, signal, verbose } = options
  const onLine = verbose === undefined ? {} : { onLine: verbose }
  await phases.step('images', () =>
    compose(project, ['pull', '--quiet', '--policy', 'missing', ...pulled(stack, setting)], onLine),
  )
  if (build)
    await phases.step('build', () =>
      compose(project, ['build', '--quiet'], { ...onLine, timeout: 30 * minutes }),
    )
  const all = expected(stack, setting)
  await phases.step('start', async () => {
    try {
      await compose(project, ['up', '--detach', '--no-build', '--remove-orphans', '--quiet-pull'], onLine)
    } catch (error) {
      // Compose says which dependency failed, and not why.
      if (error instanceof CommandError) throw (await failureIn(project, all)) ?? error
      throw error
    }
  })
  const ready: string[] = []
  await phases.step(
    'healthy',
    () => awaitServices(project, all, { seconds: 180, signal, onReady: (service) => ready.push(service) }),
    () => ready.join(', '),
  )
}

/** Where a port of a service is published now. */
export async function publishedAt(
  project: Project,
  service: string,
  target: number,
): Promise<number | undefined> {
  const found = (await containers(project)).find((each) => each.service === service)
  return found?.ports.find((each) => each.target === target)?.published
}
