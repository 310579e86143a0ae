import { isScalar, parseDocument, visit } from 'yaml'
import { parseDockerfile, sourcesOf } from '../dockerfile/index.ts'
import type { PlayedRole } from '../inventory/roles.ts'
import { isDockerfile } from './dockerfiles.ts'
import { type Finding, finding } from './finding.ts'
import { pinnedHint, unpinned } from './image-reference.ts'
import { placeAt, type Source, withoutComments } from './sources.ts'

/** An image as it stands in a text. */
interface Named {
  readonly reference: string
  readonly source: Source
  readonly offset: number
}

/** Images that are another one tomorrow: in inventories, Compose files, Dockerfiles, playbooks, roles and their defaults. */
export function imageFindings(
  sources: readonly Source[],
  schemas: readonly PlayedRole[],
): readonly Finding[] {
  const named = [...sources.flatMap(imagesOf), ...defaultsOf(schemas, sources)]
  return named.flatMap(({ reference, source, offset }) => {
    const wrong = unpinned(reference)
    return wrong === undefined ? [] : [finding('unpinned-image', placeAt(source, offset), wrong, pinnedHint)]
  })
}

function imagesOf(source: Source): readonly Named[] {
  const { path } = source
  if (/^(inventory|docker|compose)\/.*\.ya?ml$/.test(path)) return inYaml(source)
  if (isDockerfile(source)) return inDockerfile(source)
  return /^(playbooks|roles|stack)\/.*\.ts$/.test(path) ? inCode(source) : []
}

/** Values of `image` and `…_image`. Those of `apps` are repositories: a deploy gives them the release as their tag. */
function inYaml(source: Source): readonly Named[] {
  const found: Named[] = []
  visit(parseDocument(source.text), {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'apps' && source.path.startsWith('inventory/')) return visit.SKIP
      if (!isScalar(key) || !/(^|_)image$/.test(String(key.value))) return undefined
      if (!isScalar(value) || typeof value.value !== 'string') return undefined
      // Of ${REDIS_IMAGE:-redis:7.0}, what stands there unless it is set.
      const [, other] = /^\$\{\w+:?-([^{}$]+)\}$/.exec(value.value) ?? []
      if (value.value.includes('$') && other === undefined) return undefined
      found.push({ reference: other ?? value.value, source, offset: value.range?.[0] ?? 0 })
      return undefined
    },
  })
  return found
}

/**
 * FROM, COPY --from and RUN --mount=from, with the defaults of ARGs; a stage of the file, and what the build has to give,
 * is no image.
 */
function inDockerfile(source: Source): readonly Named[] {
  const found: Named[] = []
  const args = new Map<string, { value: string; offset: number }>()
  const stages = new Set(['scratch'])
  for (const instruction of parseDockerfile(source.text)) {
    const { keyword, arguments: text, argumentsOffset } = instruction
    const [, arg, value = ''] = /^(\w+)=["']?([^\s"']+)/.exec(text) ?? []
    if (keyword === 'ARG' && arg !== undefined)
      args.set(arg, { value, offset: argumentsOffset + text.indexOf(value, arg.length) })
    const [base = '', as = '', stage = ''] = keyword === 'FROM' ? text.split(/\s+/) : []
    for (const { name, offset } of [{ name: base, offset: argumentsOffset }, ...sourcesOf(instruction)]) {
      if (name === '' || stages.has(name.toLowerCase()) || /^\d+$/.test(name)) continue
      const [, variable] = /^\$\{?(\w+)\}?$/.exec(name) ?? []
      const given = variable === undefined ? { value: name, offset } : args.get(variable)
      if (given !== undefined && !given.value.includes('$'))
        found.push({ reference: given.value, source, offset: given.offset })
    }
    if (as.toUpperCase() === 'AS') stages.add(stage.toLowerCase())
  }
  return found.filter((one, index) => found.findIndex(({ offset: at }) => at === one.offset) === index)
}

/** image: '…' and image('…') */
function inCode(source: Source): readonly Named[] {
  const text = withoutComments(source.text)
  return [...text.matchAll(/\bimage(?:: |\()(['"`])([^'"`$\n]+)\1/g)].map((match) => ({
    reference: match[2] ?? '',
    source,
    offset: match.index + match[0].length - (match[2]?.length ?? 0) - 1,
  }))
}

/** Defaults of variables that end in `image`, where a file of roles/ gives the variable. */
function defaultsOf(schemas: readonly PlayedRole[], sources: readonly Source[]): readonly Named[] {
  const variables = new Map(
    schemas.flatMap(({ schema }) =>
      Object.entries(schema.properties).filter(([name]) => /(^|_)image$/.test(name)),
    ),
  )
  return [...variables].flatMap(([name, { default: reference }]) => {
    if (typeof reference !== 'string') return []
    const where = sources
      .filter(({ path }) => /^roles\/.*\.ts$/.test(path))
      .map((source) => ({ source, offset: source.text.search(new RegExp(`\\b${name}: `)) }))
      .find(({ offset }) => offset >= 0)
    return where === undefined ? [] : [{ reference, ...where }]
  })
}
