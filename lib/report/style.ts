import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Colours text for a terminal; gives it back unchanged where there is none, or NO_COLOR is set. */
export type Paint = (style: Style, text: string) => string

export function painter(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const wanted =
    env.FORCE_COLOR !== undefined || (stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb')
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

/** "0.4s", "12.3s", "2m05s" */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 99.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
}
