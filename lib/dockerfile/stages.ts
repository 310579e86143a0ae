import type { Instruction } from './parse.ts'

/** A stage of a build: a FROM and what follows it. */
export interface Stage {
  readonly index: number
  /** in small letters, as BuildKit compares them */
  readonly name: string | undefined
  readonly from: Instruction
  /** what stands after FROM, before variables are put in */
  readonly base: string
  /** the stage that it begins with, where it is not an image */
  readonly parent: Stage | undefined
  readonly instructions: readonly Instruction[]
}

/** A Dockerfile, understood. */
export interface Dockerfile {
  /** what stands before the first FROM */
  readonly preamble: readonly Instruction[]
  readonly stages: readonly Stage[]
}

export function dockerfileOf(instructions: readonly Instruction[]): Dockerfile {
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM')
  const preamble = first < 0 ? instructions : instructions.slice(0, first)
  const stages: Stage[] = []
  for (const [at, from] of instructions.entries()) {
    if (from.keyword !== 'FROM') continue
    const after = instructions.slice(at + 1)
    const next = after.findIndex(({ keyword }) => keyword === 'FROM')
    const [base = '', as = '', name] = from.arguments.split(/\s+/)
    stages.push({
      index: stages.length,
      name: as.toUpperCase() === 'AS' ? name?.toLowerCase() : undefined,
      from,
      base,
      parent: stageNamed(stages, base),
      instructions: next < 0 ? after : after.slice(0, next),
    })
  }
  return { preamble, stages }
}

/** The last stage of this name; BuildKit does not mind capitals. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | undefined {
  return stages.findLast((stage) => stage.name !== undefined && stage.name === name.toLowerCase())
}

/** A stage and all that it is built upon within the file, itself first. */
export function lineage(stage: Stage): readonly Stage[] {
  return stage.parent === undefined ? [stage] : [stage, ...lineage(stage.parent)]
}

/** What the stage's image has been told, with what it takes over: its own instructions last. */
export function told(stage: Stage): readonly Instruction[] {
  return lineage(stage)
    .flatMap(({ instructions }) => [...instructions].reverse())
    .reverse()
}

/** The stages that somebody builds to have their images: all that no other one begins with or copies from. */
export function images({ stages }: Dockerfile): readonly Stage[] {
  const used = new Set<Stage | undefined>()
  for (const stage of stages) {
    used.add(stage.parent)
    for (const { name } of stage.instructions.flatMap(sourcesOf)) {
      used.add(/^\d+$/.test(name) ? stages[Number(name)] : stageNamed(stages.slice(0, stage.index), name))
    }
  }
  return stages.filter((stage) => !used.has(stage))
}

/** The stages, images or build contexts that an instruction takes files from. */
export function sourcesOf({ keyword, flags }: Instruction): readonly { name: string; offset: number }[] {
  return flags.flatMap(({ name, value, offset }) => {
    if (name === 'from' && (keyword === 'COPY' || keyword === 'ADD'))
      return [{ name: value, offset: offset + 7 }]
    if (name !== 'mount' || keyword !== 'RUN') return []
    const [, before = '', from] = /^(|.*,)from=([^,]+)/.exec(value) ?? []
    return from === undefined ? [] : [{ name: from, offset: offset + 8 + before.length + 5 }]
  })
}
