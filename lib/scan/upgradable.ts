import { QuaysideError } from '../error.ts'
import { onOneLine } from '../report/printable.ts'

/** A package that a newer version is there of. */
export interface Upgradable {
  /** with its architecture behind it where that is not the image's own: "libssl3:i386" */
  readonly name: string
  readonly installed: string
  readonly candidate: string
}

const line = /^([a-zA-Z0-9][\w.+-]*)\/\S+ ([\w.+:~-]+) ([a-z0-9-]+) \[upgradable from: ([\w.+:~-]+)\]$/

/** What `apt list --upgradable` printed. Throws at a line that it does not know: that may be a fix. */
export function parseUpgradable(stdout: string, own: string): readonly Upgradable[] {
  return stdout
    .split('\n')
    .filter((each) => each.trim() !== '' && !/^Listing\.\.\./.test(each))
    .map((each) => {
      const [, name, candidate, architecture, installed] = line.exec(each) ?? []
      if (name === undefined || candidate === undefined || installed === undefined)
        throw new QuaysideError(
          `apt lists what can be upgraded as "${onOneLine(each)}", which was not understood`,
        )
      const foreign = architecture !== own && architecture !== 'all'
      return { name: foreign ? `${name}:${architecture}` : name, installed, candidate }
    })
}
