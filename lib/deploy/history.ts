import { raw, type Script, sh } from '../script/index.ts'
import { type Colour, colours } from './colour.ts'
import { paths } from './paths.ts'
import type { Deployed, Release } from './release.ts'

/** Prints the release that each colour of an app host holds: "blue {json}". */
export const readColours: Script = raw(
  `${colours
    .map(
      (colour) =>
        `[ -f ${paths.state}/${colour}.json ] && printf '${colour} %s\\n' "$(cat ${paths.state}/${colour}.json)"`,
    )
    .join('\n')}\n:`,
)

export type Held = Readonly<Partial<Record<Colour, Release>>>

export function parseColours(stdout: string): Held {
  const held: Partial<Record<Colour, Release>> = {}
  for (const line of stdout.split('\n')) {
    const colour = colours.find((each) => line.startsWith(`${each} `))
    if (colour === undefined) continue
    const release = releaseFrom(line.slice(colour.length + 1))
    if (release !== undefined) held[colour] = release
  }
  return held
}

/** Prints the deploys that a host (an edge, a manager) remembers, the oldest first. */
export const readHistory: Script = raw(`tail -n 50 ${paths.state}/history.jsonl 2>/dev/null || :`)

export function parseHistory<T extends Release = Deployed>(stdout: string): readonly T[] {
  return stdout.split('\n').flatMap((line) => {
    const release = releaseFrom(line)
    return release === undefined ? [] : [release as T]
  })
}

export function appendHistory<T extends Release>(deployed: T): Script {
  return sh`mkdir -p ${paths.state} && printf '%s\n' ${JSON.stringify(deployed)} >> ${`${paths.state}/history.jsonl`}`
}

// A line cut short by a full disk is not a release: it is left out.
function releaseFrom(json: string): Release | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const whole =
      typeof value === 'object' && value !== null && 'id' in value && 'images' in value && 'config' in value
    return whole ? (value as Release) : undefined
  } catch {
    return undefined
  }
}
