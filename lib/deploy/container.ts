import type { App } from './app.ts'
import type { Colour } from './colour.ts'

/** The containers of an app in a colour on one host: "api-blue-1", … */
export function containerNames(app: App, colour: Colour): readonly string[] {
  return Array.from({ length: app.replicas }, (_, index) => `${app.name}-${colour}-${index + 1}`)
}

/** The port on the host of each of them. */
export function hostPorts(app: App, colour: Colour): readonly number[] {
  return Array.from({ length: app.replicas }, (_, index) => app.ports[colour] + index)
}

/** The network that the containers of one colour share on a host, each app under its own name. */
export function networkOf(colour: Colour): string {
  return `app-${colour}`
}

/** The folder on an app host that becomes /run/secrets in the containers of an app. */
export function secretsOf(app: App, colour: Colour): string {
  return `/etc/quayside/app/${colour}/${app.name}`
}

/** What an app finds in its environment: its own, and which release and colour it is. */
export function environmentOf(app: App, colour: Colour, release: string): Readonly<Record<string, string>> {
  const files = Object.keys(app.secrets).map((name) => [`${name}_FILE`, `/run/secrets/${name}`] as const)
  return { ...app.env, ...Object.fromEntries(files), RELEASE: release, COLOUR: colour }
}
