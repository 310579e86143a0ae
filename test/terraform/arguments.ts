import { type Body, blocksOf, bodyOf, type Module } from './parsed.ts'
import { type Block, providerOf, schemaOf, type Type } from './schema.ts'

/** Terraform's own, in any resource. */
const meta = new Set([
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
])

/** What a module says that its providers do not take, or misses: each as "aws_vpc.this: …". */
export function argumentFaults(module: Module): readonly string[] {
  return module.declared.flatMap(({ kind, type, name, body }) => {
    const where = `${kind === 'data' ? 'data.' : ''}${type}.${name}`
    const provider = providerOf(type)
    const types = provider && schemaOf(provider)[kind === 'data' ? 'data' : 'resources']
    const schema = types?.[type]
    if (schema === undefined) return [`${where}: there is no ${kind} ${type}`]
    const own = Object.fromEntries(Object.entries(body).filter(([key]) => !meta.has(key)))
    return faultsOf(where, schema, own)
  })
}

function faultsOf(where: string, { attrs, blocks }: Block, body: Body): readonly string[] {
  // Of a dynamic block one stands for any number: what it makes is its `content`.
  const made = Object.entries(bodyOf(body.dynamic)).map(
    ([name, each]) => [name, blocksOf(each).flatMap(({ content }) => blocksOf(content))] as const,
  )
  const dynamic = new Map(made)
  const given = Object.keys(body).filter((key) => key !== 'dynamic')
  return [
    ...[...given, ...dynamic.keys()]
      .filter((key) => attrs[key] === undefined && blocks[key] === undefined)
      .map((key) => `${where}: takes no ${key}`),
    ...given
      .filter((key) => attrs[key] && !attrs[key].r && !attrs[key].o)
      .map((key) => `${where}: ${key} cannot be given`),
    ...Object.entries(attrs)
      .filter(([key, { r }]) => r && body[key] === undefined && !dynamic.has(key))
      .map(([key]) => `${where}: lacks ${key}`),
    ...Object.entries(attrs)
      .filter(([key, { t }]) => t && body[key] !== undefined && !fits(t, body[key]))
      .map(([key, { t }]) => `${where}: ${key} is no ${told(t)}`),
    ...Object.entries(blocks).flatMap(([key, { b, max, min }]) => {
      const written = blocksOf(body[key])
      const inner = [...written, ...(dynamic.get(key) ?? [])]
      return [
        ...(body[key] !== undefined && !Array.isArray(body[key]) ? [`${where}: ${key} is a block`] : []),
        ...(inner.length < min ? [`${where}: lacks the block ${key}`] : []),
        ...(max > 0 && written.length > max ? [`${where}: has ${key} more than ${max} times`] : []),
        ...inner.flatMap((each) => faultsOf(`${where}.${key}`, b, each)),
      ]
    }),
  ]
}

/** Whether a literal can be of a type; what an expression gives is Terraform's to say. */
function fits(type: Type, value: unknown): boolean {
  if (value === null || (typeof value === 'string' && value.includes('${'))) return true
  if (typeof type !== 'string') {
    const [kind] = type
    if (kind === 'list' || kind === 'set' || kind === 'tuple') return Array.isArray(value)
    return typeof value === 'object' && !Array.isArray(value)
  }
  if (type === 'dynamic') return true
  if (typeof value === 'object') return false
  if (type === 'number') return value !== '' && !Number.isNaN(Number(value)) && typeof value !== 'boolean'
  if (type === 'bool') return ['true', 'false'].includes(String(value))
  return true
}

function told(type: Type | undefined): string {
  return typeof type === 'string' ? type : String(type?.[0])
}
