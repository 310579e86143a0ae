import type { Property } from '../../lib/inventory/schema.ts'
import { type SettingsOf, type StageName, settingsSchemas } from './schemas.ts'

/**
 * How a Compose file of a stage refers to a setting: `${API_PORT:-8000}`, with the schema's default; `${RELEASE:?…}`
 * where it is required; `${OLLAMA_URL:-}` where it may be missing.
 */
export function reference<S extends StageName>(stage: S, name: keyof SettingsOf<S> & string): string {
  const { properties, required = [] }: { properties: Properties; required?: readonly string[] } =
    settingsSchemas[stage]
  if (required.includes(name)) return `\${${name}:?env.ts init ${stage} makes a file for it}`
  return `\${${name}:-${properties[name]?.default ?? ''}}`
}

type Properties = { readonly [name: string]: Property }
