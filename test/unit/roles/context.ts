import type { Facts } from '../../../lib/engine/facts.ts'
import type { Role, RoleContext } from '../../../lib/engine/role.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import type { VarsOf, VarsSchema } from '../../../lib/inventory/schema.ts'
import { Validator } from '../../../lib/inventory/validator.ts'
import type { Resource } from '../../../lib/resource/index.ts'
import { isSecret, Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'

/** Variables as a role gets them: checked, defaults filled in. Secrets are given as such. */
export function varsOf<S extends VarsSchema>(schema: S, given: Readonly<Record<string, unknown>>): VarsOf<S> {
  const vars = withSources(given)
  const { errors } = new Validator().compile(schema, 'test')(vars)
  if (errors.length > 0)
    throw new Error(errors.map((each) => `${each.instancePath} ${each.message}`).join('\n'))
  return withSecrets(given, vars) as VarsOf<S>
}

/** What schemas check in the inventory is where a secret comes from. */
function withSources(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value, (_, each) => (each === '[secret]' ? { generate: 'x' } : each)))
}

function withSecrets(given: unknown, checked: unknown): unknown {
  if (isSecret(given) || typeof checked !== 'object' || checked === null)
    return isSecret(given) ? given : checked
  const of = (key: string) =>
    typeof given === 'object' && given !== null ? Reflect.get(given, key) : undefined
  if (Array.isArray(checked)) return checked.map((each, index) => withSecrets(of(String(index)), each))
  return Object.fromEntries(Object.entries(checked).map(([key, each]) => [key, withSecrets(of(key), each)]))
}

export const facts: Facts = {
  hostname: 'db-1',
  os: 'debian',
  version: '13',
  codename: 'trixie',
  architecture: 'amd64',
  kernel: '6.12.57+deb13-amd64',
  bootId: '204ee0de-ea75-49e3-8276-b79848dc6d2a 31',
  virtualization: 'none',
  cpus: 4,
  memoryMb: 8192,
  swapMb: 0,
  diskFreeMb: 65536,
  ipv4: '10.0.0.31',
  timezone: 'Etc/UTC',
  systemd: true,
}

export function host(name: string, privateAddress: string): Host {
  const target = targetLike({ name, connection: 'ssh', host: name, become: true })
  return { name, groups: ['all'], privateAddress, target, vars: {} }
}

/** Two app hosts, and the database host that the role is played on. */
export function context(vars: unknown, more: Partial<RoleContext<unknown>> = {}): RoleContext<unknown> {
  const app = [host('app-1', '10.0.0.21'), host('app-2', '10.0.0.22')]
  const group = more.group ?? ((name: string) => (name === 'app' ? app : []))
  return {
    vars,
    facts,
    env: 'test',
    host: host('db-1', '10.0.0.31'),
    group,
    groupIfAny: group,
    factsOf: () => facts,
    ...more,
  }
}

/** Everything that a person, a log or a process list could see of a role on a host that has nothing yet. */
export function visible(role: Role, given: RoleContext<unknown>): string {
  const seen = role
    .resources(given)
    .flatMap((resource) => [resource.id, String(resource.probe), planned(resource)])
  return [...seen, ...Object.values(role.handlers(given)).map(String)].join('\n')
}

/** What a resource would do where nothing of it is there. */
export function planned(resource: Resource): string {
  // A server tells of a role or a database that it does not have by no row at all.
  const stdout = resource.id.startsWith('postgres ') ? '' : 'standing=absent\nabsent=yes\n'
  const plan = resource.plan({ stdout, stderr: '', code: 0 })
  if (plan.kind !== 'change') return plan.kind
  return [plan.summary, plan.diff ?? '', String(plan.apply)].join('\n')
}

export const password = new Secret('pa"ss\\word #1')
