import { didYouMean } from '../nearest.ts'
import { type Problem, problem } from './rules.ts'
import { type Dockerfile, type Stage, sourcesOf, stageNamed } from './stages.ts'

/** Arguments that every build has, in FROM too. */
const platformArgs = ['TARGET', 'BUILD'].flatMap((side) =>
  ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((what) => `${side}${what}`),
)

/** Stages and variables that are named, and are not there. */
export function referenceProblems(file: Dockerfile): readonly Problem[] {
  return [
    ...sameNames(file),
    ...file.stages.flatMap((stage) => [...fromProblems(stage, file), ...copyProblems(stage, file)]),
  ]
}

function sameNames({ stages }: Dockerfile): readonly Problem[] {
  return stages.flatMap(({ name, index, from }) => {
    if (name === undefined || stageNamed(stages.slice(0, index), name) === undefined) return []
    const message = `there is a stage \`${name}\` above: whoever names it gets one of the two`
    return [problem('DL3024', from.offset, message, 'give it a name of its own')]
  })
}

function fromProblems(
  { base, index, from, parent }: Stage,
  { preamble, stages }: Dockerfile,
): readonly Problem[] {
  const defined = preamble.flatMap((each) =>
    each.keyword === 'ARG' ? [each.arguments.split(/[=\s]/)[0] ?? ''] : [],
  )
  const missing = [...base.matchAll(/\$\{?(\w+)/g)].flatMap((match) => {
    const [, name = ''] = match
    if (defined.includes(name) || platformArgs.includes(name)) return []
    const message = `no ARG \`${name}\` stands before the first FROM`
    const offset = from.argumentsOffset + match.index
    return [
      problem(
        'UndefinedArgInFrom',
        offset,
        message,
        didYouMean(name, defined) ?? `above all stages: ARG ${name}=…`,
      ),
    ]
  })
  if (parent !== undefined || /[$:/@]/.test(base) || base === 'scratch') return missing
  const tell = (message: string, hint: string) => [
    problem('UndefinedStage', from.argumentsOffset, message, hint),
  ]
  if (stageNamed(stages.slice(index), base) !== undefined)
    return tell(`the stage \`${base}\` comes only later`, 'a stage begins with what stands above it')
  const near = didYouMean(base, namesAbove(stages, index))
  return near === undefined ? missing : tell(`there is no stage \`${base}\``, near)
}

function copyProblems({ index, name: own, instructions }: Stage, { stages }: Dockerfile): readonly Problem[] {
  return instructions.flatMap(sourcesOf).flatMap(({ name, offset }) => {
    if (name.toLowerCase() === own || name === String(index)) {
      return [problem('DL3023', offset, `\`${name}\` is the stage that this stands in`, 'name another stage')]
    }
    const known = /^\d+$/.test(name)
      ? Number(name) < index
      : stageNamed(stages.slice(0, index), name) !== undefined
    if (known || /[$:/@]/.test(name)) return []
    const later = stageNamed(stages.slice(index), name) !== undefined
    const message = later ? `the stage \`${name}\` comes only later` : `there is no stage \`${name}\` above`
    return [
      problem(
        'DL3022',
        offset,
        message,
        didYouMean(name, namesAbove(stages, index)) ?? stagesAbove(stages, index),
      ),
    ]
  })
}

function namesAbove(stages: readonly Stage[], index: number): readonly string[] {
  return stages.slice(0, index).flatMap(({ name }) => name ?? [])
}

function stagesAbove(stages: readonly Stage[], index: number): string {
  const names = namesAbove(stages, index)
  return names.length === 0 ? 'no stage above has a name' : `the stages above are: ${names.join(', ')}`
}
