/** What a person has to know of: an error, or a warning. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** the resource it is about */
  readonly address: string | undefined
  /** "main.tf:12" */
  readonly place: string | undefined
}

/** What `terraform … -json` says as it goes; of its many events those that are told. */
export type TerraformEvent =
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'begun' | 'done' | 'failed'; readonly address: string; readonly action: string }
  | { readonly type: 'other' }

const hooks = { apply_start: 'begun', apply_complete: 'done', apply_errored: 'failed' } as const

/** One line of it; undefined for a line that is no event, as a program that crashes prints them. */
export function eventOf(line: string): TerraformEvent | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const event = recordOf(value)
  if (event.type === 'diagnostic')
    return { type: 'diagnostic', diagnostic: diagnosticOf(recordOf(event.diagnostic)) }
  const type = Object.entries(hooks).find(([hook]) => hook === event.type)?.[1]
  const { action, resource } = recordOf(event.hook)
  // Reading data makes nothing.
  if (type === undefined || action === 'read') return { type: 'other' }
  return { type, address: textOf(recordOf(resource).addr), action: textOf(action) }
}

function diagnosticOf({ address, detail, range, severity, summary }: Record<string, unknown>): Diagnostic {
  const { filename, start } = recordOf(range)
  return {
    severity: severity === 'warning' ? 'warning' : 'error',
    summary: textOf(summary),
    detail: textOf(detail),
    address: typeof address === 'string' ? address : undefined,
    place: typeof filename === 'string' ? `${filename}:${String(recordOf(start).line)}` : undefined,
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
