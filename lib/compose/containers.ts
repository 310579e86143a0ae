import { compose, type Project } from './project.ts'

/** A container of a project, as `docker compose ps` tells it. */
export interface Container {
  readonly service: string
  /** created, running, restarting, exited, dead, paused, removing */
  readonly state: string
  /** healthy, unhealthy, starting; empty where nothing checks it */
  readonly health: string
  readonly exitCode: number
  readonly ports: readonly { readonly published: number; readonly target: number }[]
}

/** All containers of a project, ended ones too; none before it was first up. */
export async function containers(project: Project): Promise<readonly Container[]> {
  return parseContainers(await compose(project, ['ps', '--all', '--format', 'json']))
}

/** Reads an object a line, or (Compose before 2.21) one list of them. */
export function parseContainers(text: string): readonly Container[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  const values: unknown[] = trimmed.startsWith('[')
    ? JSON.parse(trimmed)
    : trimmed.split('\n').map((line) => JSON.parse(line))
  return values.map((value) => containerOf(value as Said))
}

interface Said {
  readonly Service: string
  readonly State: string
  readonly Health?: string
  readonly ExitCode?: number
  readonly Publishers?: readonly { readonly PublishedPort: number; readonly TargetPort: number }[] | null
}

function containerOf({ ExitCode, Health, Publishers, Service, State }: Said): Container {
  const ports = (Publishers ?? [])
    .filter(({ PublishedPort }) => PublishedPort > 0)
    .map(({ PublishedPort, TargetPort }) => ({ published: PublishedPort, target: TargetPort }))
  return { service: Service, state: State, health: Health ?? '', exitCode: ExitCode ?? 0, ports }
}
