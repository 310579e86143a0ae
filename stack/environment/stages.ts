import type { Stage } from '../../lib/env/stage.ts'
import { type StageName, secretsSchemas, settingsSchemas } from './schemas.ts'
import { certificateRules } from './secret-rules.ts'
import { settingRules } from './setting-rules.ts'

const about: Readonly<Record<StageName, string>> = {
  dev: 'development on this machine',
  test: 'a stack for the tests of the app, with nothing of value in it',
  prod: 'production on one host',
  swarm: 'production on a swarm of hosts',
}

export const stageNames = ['dev', 'test', 'prod', 'swarm'] as const satisfies readonly StageName[]

const properties = (stage: StageName): readonly string[] =>
  [settingsSchemas[stage], secretsSchemas[stage]].flatMap((schema) => Object.keys(schema.properties))

/** The names that this stage has not, each with the stages that have it. */
function elsewhere(stage: StageName): ReadonlyMap<string, readonly string[]> {
  const own = new Set(properties(stage))
  const found = new Map<string, string[]>()
  for (const other of stageNames)
    for (const name of properties(other))
      if (!own.has(name)) found.set(name, [...(found.get(name) ?? []), other])
  return found
}

/** A stage with all that can be set in it. */
export function stageOf(name: StageName): Stage {
  return {
    name,
    about: about[name],
    settings: settingsSchemas[name],
    secrets: secretsSchemas[name],
    settingRules: settingRules[name],
    secretRules: name === 'prod' || name === 'swarm' ? certificateRules : [],
    elsewhere: elsewhere(name),
  }
}

export const stages: readonly Stage[] = stageNames.map(stageOf)
