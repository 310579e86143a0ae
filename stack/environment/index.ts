import * as check from '../../lib/env/check.ts'
import * as example from '../../lib/env/example.ts'
import { told } from '../../lib/env/finding.ts'
import * as init from '../../lib/env/init.ts'
import { QuaysideError } from '../../lib/error.ts'
import type { StageName } from './schemas.ts'
import { stageOf } from './stages.ts'

export { reference } from './reference.ts'
export type { SecretNameOf, SettingsOf, StageName } from './schemas.ts'
export { secretsSchemas, settingsSchemas } from './schemas.ts'
export { maxConnections, spareConnections } from './setting-rules.ts'
export { stageNames, stageOf, stages } from './stages.ts'

/** What is wrong with the settings and secrets of a stage in `directory` (compose/). */
export function checkStage(
  stage: StageName,
  { directory, env }: { directory: string; env?: NodeJS.ProcessEnv },
): Promise<check.Checked> {
  return check.checkStage(stageOf(stage), { directory }, env)
}

/**
 * Makes the env file and the secrets of a stage in `directory`, where they are missing. Throws a QuaysideError that has
 * each conflict where something was left alone, since it would be lost.
 */
export async function initStage(stage: StageName, options: init.InitOptions): Promise<void> {
  const { conflicts } = await init.initStage(stageOf(stage), options)
  if (conflicts.length > 0) throw new QuaysideError(conflicts.map(told).join('\n'))
}

/** What compose/STAGE.env.example holds. */
export function exampleOf(stage: StageName): string {
  return example.exampleOf(stageOf(stage))
}
