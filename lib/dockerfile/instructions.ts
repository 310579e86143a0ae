import { didYouMean } from '../nearest.ts'
import type { Instruction } from './parse.ts'
import { type Problem, problem } from './rules.ts'
import { type Dockerfile, type Stage, told } from './stages.ts'

const known = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]

/** Names whose value nobody should read. */
const secretName =
  /(^|_)(password|passwd|passphrase|secret|token|credentials?|auth|api_?key|private_?key|access_?key|signing_?key)$/i

const archive = /\.(tar|tar\.\w+|tgz|tbz2?|txz|tzst)$/
const elsewhere = /^(https?|ssh|git):\/\/|^git@|\.git(#.*)?$/

/** What is wrong with instructions one by one. */
export function instructionProblems(file: Dockerfile): readonly Problem[] {
  const all = [...file.preamble, ...file.stages.flatMap(({ from, instructions }) => [from, ...instructions])]
  return [
    ...all.flatMap(keywordProblems),
    ...file.preamble.flatMap(orderProblems),
    ...all.flatMap(secretProblems),
    ...all.flatMap(portProblems),
    ...file.stages.flatMap((stage) => stage.instructions.flatMap((each) => placeProblems(each, stage))),
  ]
}

function keywordProblems({ keyword, offset }: Instruction): readonly Problem[] {
  if (keyword === 'MAINTAINER') {
    const hint = 'LABEL org.opencontainers.image.authors="…"'
    return [problem('DL4000', offset, 'MAINTAINER is deprecated', hint)]
  }
  if (known.includes(keyword)) return []
  const hint = didYouMean(keyword, known) ?? 'a line that goes on needs a \\ at the end of the one before'
  return [problem('DL1000', offset, `there is no instruction \`${keyword}\``, hint)]
}

function orderProblems({ keyword, offset }: Instruction): readonly Problem[] {
  if (keyword === 'ARG' || !known.includes(keyword)) return []
  const message = `${keyword} before the first FROM: there is no image yet that it could be about`
  return [problem('DL3061', offset, message, 'only ARG may stand there')]
}

/** A value in plain text is `plain-secret`'s; this is about what a build is given: it stands in the image's history. */
function secretProblems({ keyword, arguments: text, argumentsOffset }: Instruction): readonly Problem[] {
  if (keyword !== 'ARG' && keyword !== 'ENV') return []
  return [...text.matchAll(/(?<=^|\s)([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?/g)].flatMap((match) => {
    const [, name = '', value = ''] = match
    const given = value.replaceAll(/["']/g, '')
    if (!secretName.test(name) || (given !== '' && !given.startsWith('$'))) return []
    const message = `\`${name}\` would be told by the image, or by its history, to whoever has it`
    const hint = `RUN --mount=type=secret,id=${name.toLowerCase()} in a build; a file below /run/secrets where it runs`
    return [problem('SecretsUsedInArgOrEnv', argumentsOffset + match.index, message, hint)]
  })
}

function portProblems({ keyword, arguments: text, argumentsOffset }: Instruction): readonly Problem[] {
  if (keyword !== 'EXPOSE') return []
  return [...text.matchAll(/\S+/g)].flatMap((match) => {
    const [word] = match
    const [, ports = '', protocol = 'tcp'] = /^([\d-]+)(?:\/(\w+))?$/.exec(word) ?? []
    const numbers = ports.split('-').map(Number)
    const right = numbers.every((port) => port > 0 && port < 65_536) && /^(tcp|udp|sctp)$/i.test(protocol)
    if (right || word.includes('$')) return []
    return [
      problem(
        'DL3011',
        argumentsOffset + match.index,
        `\`${word}\` is no port`,
        '1 to 65535, then /tcp or /udp',
      ),
    ]
  })
}

function placeProblems(each: Instruction, stage: Stage): readonly Problem[] {
  const { keyword, offset, arguments: text, argumentsOffset } = each
  if (keyword === 'WORKDIR' && !/^["']?(\/|\$|[A-Za-z]:)/.test(text)) {
    const message = `\`${text}\` is below whatever WORKDIR was before`
    return [problem('DL3000', argumentsOffset, message, `write it from the top: /srv/${text}`)]
  }
  if (keyword !== 'COPY' && keyword !== 'ADD') return []
  const words = wordsOf(text)
  const sources = words.slice(0, -1).filter((word) => !word.startsWith('<<'))
  const found: Problem[] = []
  if (
    keyword === 'ADD' &&
    sources.length > 0 &&
    !sources.some((word) => word.includes('$') || archive.test(word) || elsewhere.test(word))
  )
    found.push(problem('DL3020', offset, 'ADD would unpack or download, and here is nothing to', 'COPY'))
  const destination = words.at(-1) ?? ''
  const before = told(stage).filter((other) => other.offset < offset)
  if (!/^(\/|\$|[A-Za-z]:)/.test(destination) && !before.some((other) => other.keyword === 'WORKDIR')) {
    const at = argumentsOffset + text.lastIndexOf(destination)
    found.push(
      problem(
        'DL3045',
        at,
        `where \`${destination}\` is depends on the base image`,
        'a WORKDIR above it, or the whole path',
      ),
    )
  }
  return found
}

/** The words of COPY and ADD, as JSON or plain. */
function wordsOf(text: string): readonly string[] {
  if (!text.startsWith('[')) return text.split(/\s+/)
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) ? words.map(String) : []
  } catch {
    return []
  }
}
