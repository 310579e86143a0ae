import { compose, type Project } from './project.ts'

/** A project's files as Compose understands them: merged, every variable replaced. */
export interface Rendered {
  readonly services: Readonly<Record<string, RenderedService>>
}

interface RenderedService {
  readonly image?: string
  readonly build?: unknown
  readonly ports?: readonly { readonly target: number; readonly published?: string }[]
}

export async function rendered(project: Project): Promise<Rendered> {
  return JSON.parse(await compose(project, ['config', '--format', 'json'])) as Rendered
}
