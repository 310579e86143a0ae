import type { Stack } from './model.ts'
import { placed, type Setting } from './setting.ts'

/** The services of a setting: those that stay, and those that run once and end. */
export function expected(stack: Stack, setting: Setting): { stay: string[]; once: string[] } {
  const names = (wanted: boolean) =>
    placed(stack.services, setting)
      .filter(({ service }) => (service.health === 'none') === wanted)
      .map(({ service }) => service.name)
  return { stay: names(false), once: names(true) }
}

/** Services whose image somebody else made: what can be pulled. */
export function pulled(stack: Stack, setting: Setting): readonly string[] {
  const services = placed(stack.services, setting)
  const built = new Set(
    services.filter(({ own }) => own.build).map(({ own, service }) => own.image ?? service.image),
  )
  return services
    .filter(({ own, service }) => !built.has(own.image ?? service.image))
    .map(({ service }) => service.name)
}

/** Ports that a variable moves. */
export function movablePorts(stack: Stack, setting: Setting) {
  return placed(stack.services, setting).flatMap(({ own, service }) =>
    (own.ports ?? []).flatMap(({ published, target }) => {
      const match = /^\$\{(\w+):-(\d+)\}$/.exec(published)
      return match?.[1] && match[2]
        ? [{ variable: match[1], service: service.name, target, port: Number(match[2]) }]
        : []
    }),
  )
}
