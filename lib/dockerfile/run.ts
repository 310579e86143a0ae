import type { Instruction } from './parse.ts'
import { type Problem, problem, type Rule } from './rules.ts'
import { type Command, commandsOf, pipeIn } from './shell.ts'
import { type Dockerfile, images, lineage, type Stage, told } from './stages.ts'

/** A script that RUN hands to a shell: its own line, or a here-document. */
interface Script {
  readonly text: string
  readonly offset: number
}

/** What is wrong with the commands of RUN. */
export function runProblems(file: Dockerfile): readonly Problem[] {
  const kept = new Set(images(file).flatMap(lineage))
  return file.stages.flatMap((stage) =>
    stage.instructions
      .filter(({ keyword }) => keyword === 'RUN')
      .flatMap((run) =>
        scriptsOf(run).flatMap((script) => [
          ...callProblems(script, run, stage),
          ...pipeProblems(script, run, stage),
          ...(kept.has(stage) ? listProblems(script, run) : []),
        ]),
      ),
  )
}

function scriptsOf({ arguments: text, argumentsOffset, heredocs }: Instruction): readonly Script[] {
  if (/^\[\s*"/.test(text)) return []
  const own = { text, offset: argumentsOffset }
  // `RUN <<EOF` has its script below; `RUN python3 <<EOF` another language's.
  return /^<<-?["']?\w+["']?$/.test(text) ? heredocs : [own]
}

function callProblems(script: Script, run: Instruction, stage: Stage): readonly Problem[] {
  return commandsOf(script.text).flatMap((command) => {
    const tell = (rule: Rule, message: string, hint: string) =>
      problem(rule, script.offset + command.index, message, hint)
    const words = command.text.split(/\s+/).filter((word) => !/^\w+=/.test(word))
    const [program = ''] = words
    const found: Problem[] = []
    if (program === 'sudo')
      found.push(
        tell(
          'DL3004',
          'sudo: a build is root already, or another user because somebody said so',
          'USER root, and back after it',
        ),
      )
    if (program === 'apt')
      found.push(tell('DL3027', "apt's words and output change: it is for people", 'apt-get, or apt-cache'))
    if (program === 'apt-get' && words.includes('install'))
      found.push(...installProblems(words, script, tell))
    if (
      program === 'apk' &&
      words.includes('add') &&
      !words.includes('--no-cache') &&
      !isCached(run, '/var/cache/apk')
    )
      found.push(tell('DL3019', "apk's index stays in the image", 'apk add --no-cache'))
    if (isPip(words) && !words.includes('--no-cache-dir') && !keepsNoPipCache(run, stage))
      found.push(
        tell(
          'DL3042',
          'what pip downloads stays in the image',
          '--no-cache-dir, or --mount=type=cache,target=/root/.cache/pip',
        ),
      )
    return found
  })
}

type Tell = (rule: Rule, message: string, hint: string) => Problem

function installProblems(words: readonly string[], script: Script, tell: Tell): readonly Problem[] {
  const found: Problem[] = []
  const answers = words.some((word) => /^(-[a-zA-Z]*y[a-zA-Z]*|-qq|--yes|--assume-yes)$/.test(word))
  if (!answers)
    found.push(tell('DL3014', 'apt-get asks whether to go on, and nobody answers', 'apt-get install -y'))
  const lean = words.includes('--no-install-recommends') || /APT::Install-Recommends/.test(script.text)
  if (!lean)
    found.push(
      tell(
        'DL3015',
        'what packages merely recommend is installed too',
        'apt-get install --no-install-recommends',
      ),
    )
  return found
}

function isPip(words: readonly string[]): boolean {
  const at = words.findIndex((word) => /^(.*\/)?pip[\d.]*$/.test(word))
  const called = at === 0 || (words[at - 1] === '-m' && /python[\d.]*$/.test(words[0] ?? ''))
  return at >= 0 && called && words.includes('install')
}

function keepsNoPipCache(run: Instruction, stage: Stage): boolean {
  const off = told(stage).some(
    ({ keyword, arguments: text }) => keyword === 'ENV' && /\bPIP_NO_CACHE_DIR[= ]/.test(text),
  )
  return off || isCached(run, '/root/.cache/pip') || isCached(run, '/root/.cache')
}

/** The lists are old tomorrow: a stage that is thrown away may have them. */
function listProblems(script: Script, run: Instruction): readonly Problem[] {
  const command = commandsOf(script.text).find(isUpdate)
  const removed = /\brm\s[^;&|\n]*\/var\/lib\/apt\/lists/.test(script.text)
  if (command === undefined || removed || isCached(run, '/var/lib/apt')) return []
  const hint = 'end the same RUN with: rm -rf /var/lib/apt/lists/*'
  return [problem('DL3009', script.offset + command.index, "apt's lists stay in the image", hint)]
}

const isUpdate = ({ text }: Command): boolean => /^apt-get\s(.*\s)?update\b/.test(text)

function isCached({ flags }: Instruction, target: string): boolean {
  const places = flags.flatMap(({ name, value }) =>
    name === 'mount' && /\btype=(cache|tmpfs)\b/.test(value)
      ? [/\b(?:target|dst|destination)=([^,]+)/.exec(value)?.[1] ?? '']
      : [],
  )
  return places.some((place) => place.replace(/\/$/, '') === target)
}

function pipeProblems(script: Script, run: Instruction, stage: Stage): readonly Problem[] {
  const at = pipeIn(script.text)
  if (at === undefined || /\bpipefail\b/.test(script.text)) return []
  const before = told(stage).filter(({ offset }) => offset < run.offset)
  const shell = before.findLast(({ keyword }) => keyword === 'SHELL')
  if (shell?.arguments.includes('pipefail')) return []
  const message = 'only the last command of a pipe can fail this step'
  const hint = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"] above it, or no pipe'
  return [problem('DL4006', script.offset + at, message, hint)]
}
