import { type Body, blocksOf, bodyOf, type Module, textsIn } from './parsed.ts'
import { type Block, providerOf, schemaOf } from './schema.ts'

/** What a module refers to and does not have: variables, locals, resources, their attributes. */
export function referenceFaults(module: Module): readonly string[] {
  const declared = new Set(module.declared.map(({ kind, name, type }) => `${kind}.${type}.${name}`))
  const faults = new Set<string>()
  for (const [file, content] of Object.entries(module.files))
    for (const [expression, where] of expressionsIn(content, file)) {
      for (const [, name = ''] of expression.matchAll(/(?<![\w.])var\.(\w+)/g))
        if (module.variables[name] === undefined) faults.add(`${where}: there is no var.${name}`)
      for (const [, name = ''] of expression.matchAll(/(?<![\w.])local\.(\w+)/g))
        if (module.locals[name] === undefined) faults.add(`${where}: there is no local.${name}`)
      for (const [, name = ''] of expression.matchAll(/(?<![\w.])module\.(\w+)/g))
        if (module.calls[name] === undefined) faults.add(`${where}: there is no module.${name}`)
      for (const found of expression.matchAll(resource)) {
        const [, data, type = '', name = '', attribute] = found
        const kind = data === undefined ? 'resource' : 'data'
        if (!declared.has(`${kind}.${type}.${name}`)) faults.add(`${where}: there is no ${type}.${name}`)
        else if (attribute !== undefined && !has(kind, type, attribute))
          faults.add(`${where}: ${type} has no ${attribute}`)
      }
    }
  return [...faults]
}

/** `data.aws_ami.debian.id`, `aws_subnet.public[0].id`, `aws_eip.edge[each.key].id`, `aws_subnet.managed[*].id`. */
const resource = /(?<![\w.])(data\.)?((?:aws|google|azurerm)_\w+)\.(\w+)(?:(?:\[[^\]]*\])?\.(\w+))?/g

function has(kind: 'resource' | 'data', type: string, attribute: string): boolean {
  const provider = providerOf(type)
  const schema: Block | undefined =
    provider && schemaOf(provider)[kind === 'data' ? 'data' : 'resources'][type]
  return schema?.attrs[attribute] !== undefined || schema?.blocks[attribute] !== undefined
}

/** Texts with `${}` in them, and of which file's what each is. */
function expressionsIn(content: Body, file: string): readonly (readonly [string, string])[] {
  return Object.entries(content).flatMap(([kind, value]) =>
    Object.entries(kind === 'locals' ? Object.assign({}, ...blocksOf(value)) : bodyOf(value)).flatMap(
      ([name, body]) =>
        textsIn(body)
          .filter((text) => text.includes('${'))
          .map((text) => [text, `${file}: ${kind} ${name}`] as const),
    ),
  )
}
