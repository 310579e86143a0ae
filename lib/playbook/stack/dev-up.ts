import { join } from 'node:path'
import { containers } from '../../compose/containers.ts'
import { refuseElsewhere } from '../../compose/elsewhere.ts'
import { Phases } from '../../compose/phases.ts'
import { type ChosenPort, choosePorts } from '../../compose/ports.ts'
import type { Project } from '../../compose/project.ts'
import { rendered } from '../../compose/rendered.ts'
import { movablePorts } from '../../stack/expected.ts'
import { ensureCertificate } from './certificate.ts'
import type { StackSite } from './site.ts'
import { bringUp } from './up.ts'

/** From nothing to a stack that serves, each step with its time, and then where everything is. */
export async function devUp(
  site: StackSite,
  project: Project,
  { print, signal, verbose }: { print: (line: string) => void; signal: AbortSignal; verbose: boolean },
): Promise<void> {
  await refuseElsewhere(project)
  const phases = new Phases(print)
  const made: string[] = []
  const authority = await phases.step(
    'secrets',
    async () => {
      await site.prepare((line) => made.push(line))
      return ensureCertificate(join(site.folder, 'secrets', site.setting.name), site.serverNames)
    },
    () => made.join(', '),
  )
  const ports = await phases.step(
    'ports',
    () => portsOf(site, project),
    (chosen) =>
      chosen
        .filter(({ chosen: port, port: wanted }) => port !== wanted)
        .map(({ chosen: port, port: wanted, service }) => `${wanted} is taken: ${service} is at ${port}`)
        .join('; '),
  )
  const variables = Object.fromEntries(ports.map(({ chosen, variable }) => [variable, String(chosen)]))
  await bringUp(site, withVariables(project, variables), {
    phases,
    signal,
    build: true,
    ...(verbose && { verbose: print }),
  })
  print('')
  for (const line of places(ports)) print(line)
  print(`\nup after ${phases.total()}; browsers trust it once they trust ${authority}`)
}

/** What is published now stays; what a person has set in the environment or in dev.env is what is wanted. */
async function portsOf({ setting, stack }: StackSite, project: Project): Promise<readonly ChosenPort[]> {
  const now = await containers(project)
  const wanted = movablePorts(stack, setting)
  const { services } = await rendered(project)
  const said = (service: string, target: number, otherwise: number) =>
    Number(services[service]?.ports?.find((each) => each.target === target)?.published ?? otherwise)
  return choosePorts(
    wanted.map((each) => ({ ...each, port: said(each.service, each.target, each.port) })),
    ({ service, target }) =>
      now
        .find((each) => each.service === service && each.state === 'running')
        ?.ports.find((each) => each.target === target)?.published,
    '127.0.0.1',
  )
}

function places(ports: readonly ChosenPort[]): readonly string[] {
  const at = (variable: string) => ports.find((each) => each.variable === variable)?.chosen
  const line = (what: string, where: string) => `${what.padEnd(12)} ${where}`
  return [
    line('site', `https://localhost:${at('HTTPS_PORT')}   (http://localhost:${at('HTTP_PORT')})`),
    line('web', `http://localhost:${at('WEB_PORT')}   debugger ${at('WEB_DEBUG_PORT')}`),
    line('api', `http://localhost:${at('API_PORT')}/api/docs   debugger ${at('API_DEBUG_PORT')}`),
    line('postgres', `127.0.0.1:${at('POSTGRES_PORT')}`),
    line('redis', `127.0.0.1:${at('REDIS_PORT')}`),
  ]
}

function withVariables(project: Project, variables: Readonly<Record<string, string>>): Project {
  return { ...project, variables: { ...project.variables, ...variables } }
}
