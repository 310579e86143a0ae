import type { Entry } from './dotenv.ts'
import { settingBlock } from './example.ts'
import type { Stage } from './stage.ts'

/** The text without these entries; a line goes with its comment when nothing else stands on it. */
export function without(text: string, entries: readonly Entry[]): string {
  let out = text
  for (const { start, end } of [...entries].sort((a, b) => b.start - a.start)) {
    const lineStart = out.lastIndexOf('\n', start - 1) + 1
    const newline = out.indexOf('\n', end)
    const lineEnd = newline < 0 ? out.length : newline + 1
    const before = out.slice(lineStart, start).replace(/^\uFEFF/, '')
    const alone = before.trim() === '' && /^\s*(#.*)?$/.test(out.slice(end, lineEnd).trim())
    const from = alone ? start - before.length : start
    out = out.slice(0, from) + out.slice(alone ? lineEnd : end)
  }
  return out
}

/** The text with what the example says of settings that it lacks, at its end; its line ends stay what they are. */
export function withSettings(text: string, stage: Stage, names: readonly string[]): string {
  if (names.length === 0) return text
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = names.flatMap((name) => ['', ...settingBlock(stage, name)])
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}${lines.join(end)}${end}`
}

/** The settings of a stage that a text does not mention, not even in a comment. */
export function unmentioned(text: string, stage: Stage): readonly string[] {
  return Object.keys(stage.settings.properties).filter(
    (name) => !new RegExp(`^\\uFEFF?\\s*#?\\s*(export\\s+)?${name}\\s*[=:]`, 'm').test(text),
  )
}
