import type { Instruction } from './parse.ts'
import { type Problem, problem } from './rules.ts'
import { type Dockerfile, images, lineage, type Stage, told } from './stages.ts'

/** What is wrong with the images that come out: all that a build can be asked for, `--target dev` as well as the last. */
export function imageProblems(file: Dockerfile): readonly Problem[] {
  const shipped = images(file)
  return [
    ...shipped.flatMap((stage) =>
      runsSomething(stage) ? [...userProblems(stage), ...healthProblems(stage)] : [],
    ),
    ...[...new Set(shipped.flatMap(lineage))].flatMap(layerProblems),
    ...file.stages.flatMap(commandProblems),
  ]
}

/** A stage of files alone is there to be copied out of. */
function runsSomething(stage: Stage): boolean {
  const bottom = lineage(stage).at(-1)?.base
  return (
    bottom !== 'scratch' || told(stage).some(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT')
  )
}

function userProblems(stage: Stage): readonly Problem[] {
  const user = told(stage).findLast(({ keyword }) => keyword === 'USER')
  if (user === undefined) {
    const message = 'no USER is said: processes run as whoever the base image says, which is root in most'
    return [problem('DL3002', stage.from.offset, message, 'USER 10001:10001, a number that no host knows')]
  }
  return /^(root|0+)(:|$)/.test(user.arguments)
    ? [
        problem(
          'DL3002',
          user.offset,
          'the last USER is root',
          'go back to another one after what needs root',
        ),
      ]
    : []
}

function healthProblems(stage: Stage): readonly Problem[] {
  if (told(stage).some(({ keyword }) => keyword === 'HEALTHCHECK')) return []
  const message =
    'there is no HEALTHCHECK: nothing can wait until this serves, or notice that it no longer does'
  return [
    problem(
      'DL3057',
      stage.from.offset,
      message,
      'HEALTHCHECK CMD ["…"], or HEALTHCHECK NONE where it serves nobody',
    ),
  ]
}

/** RUN upon RUN, where both end up in an image; in a stage that is thrown away each is a step of its own in the cache. */
function layerProblems({ instructions }: Stage): readonly Problem[] {
  return instructions.flatMap((each, at) => {
    const before = instructions[at - 1]
    if (each.keyword !== 'RUN' || before?.keyword !== 'RUN' || mountsOf(each) !== mountsOf(before)) return []
    return [
      problem('DL3059', each.offset, 'this RUN and the one above make two layers', 'join them: RUN a && b'),
    ]
  })
}

const mountsOf = ({ flags }: Instruction): string =>
  flags.map(({ name, value }) => `${name}=${value}`).join(' ')

const onlyOne = { CMD: 'DL4003', ENTRYPOINT: 'DL4004', HEALTHCHECK: 'DL3012' } as const

function commandProblems({ instructions }: Stage): readonly Problem[] {
  const twice = Object.entries(onlyOne).flatMap(([keyword, rule]) =>
    instructions
      .filter((each) => each.keyword === keyword)
      .slice(1)
      .map(({ offset }) =>
        problem(rule, offset, `the ${keyword} above is undone by this one`, 'keep one of the two'),
      ),
  )
  const shells = instructions.flatMap(({ keyword, offset, arguments: words }) => {
    if ((keyword !== 'CMD' && keyword !== 'ENTRYPOINT') || isJson(words)) return []
    const message = `a shell runs this ${keyword}, and keeps the signals that end it to itself`
    const [first = ''] = words.split(/\s+/)
    return [problem('DL3025', offset, message, `its words as JSON: ["${first}", …]`)]
  })
  return [...twice, ...shells]
}

function isJson(text: string): boolean {
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) && words.every((word) => typeof word === 'string')
  } catch {
    return false
  }
}
