import { sh } from '../script/index.ts'
import type { StackRelease } from './deploy.ts'
import { StackFailed } from './failure.ts'
import { follow } from './follow.ts'
import type { Managers } from './manager.ts'
import { clock, removeStack, rollOut, type StackWork } from './rollout.ts'
import { only, stackText } from './stack-file.ts'

/**
 * Brings up what keeps data, where it is not there yet, waits until it runs, and runs the migrations of the new release once. Throws a
 * StackFailed, with the services of the release before as they were.
 */
export async function migrate(work: StackWork, managers: Managers, wanted: StackRelease): Promise<void> {
  const { migration, release } = wanted
  if (migration === undefined) return
  await dataFirst(work, managers, wanted)
  const started = performance.now()
  const { stack, file } = migration
  await clearMigration(managers, wanted)
  const text = stackText(file, 'the migrations of a release, run once')
  const services = Object.keys(file.services)
  const failures = await rollOut(work, managers, { stack, text, services, prune: false })
  if (failures.length > 0)
    throw new StackFailed(release.id, failures, {
      hint: `no service was touched; all that the migration said: docker service logs ${stack}_${services[0]}`,
    })
  await managers.ask('clear the migration away', removeStack(stack))
  work.emit({ type: 'step', text: `migrated by ${release.id}`, ms: performance.now() - started })
}

/** What a run that was ended while it migrated, or one whose migration failed, has left. */
export async function clearMigration(managers: Managers, { migration }: StackRelease): Promise<void> {
  if (migration !== undefined)
    await managers.ask('clear the last migration away', removeStack(migration.stack))
}

async function dataFirst(work: StackWork, managers: Managers, wanted: StackRelease): Promise<void> {
  const { stack, file, data, release } = wanted
  const filter = `label=com.docker.stack.namespace=${stack}`
  const list = sh`docker service ls --filter ${filter} --format '{{.Name}}'`
  const there = new Set((await managers.ask('list the services', list)).split('\n'))
  const text = stackText(only(file, data), 'what keeps data')
  const failures = data.every((name) => there.has(`${stack}_${name}`))
    ? await follow(managers, { ...work, stack, services: data, deployed: await clock(managers) })
    : await rollOut(work, managers, { stack, text, services: data, prune: false })
  if (failures.length > 0)
    throw new StackFailed(release.id, failures, {
      hint: 'what keeps data does not run: nothing else was touched',
    })
}
