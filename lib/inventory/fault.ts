import { relative } from 'node:path'
import { exit, QuaysideError } from '../error.ts'

/**
 * A place in an inventory file; line and column count from 1, the file is as a person would type it. What stands on the
 * command line has no line: 0.
 */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One thing wrong in the inventory, and what to do about it. */
export interface Fault extends Place {
  readonly message: string
  readonly hint: string | undefined
  /** what it is about, where a program wants to know */
  readonly about?: FaultAbout
}

/** A name that is still the example's; a secret's value where its source should stand; hosts that are not, or no longer, known. */
export type FaultAbout = 'placeholder' | 'plain-secret' | 'stale-hosts'

/** All that is wrong with an inventory, told like a compiler does. No host was contacted. */
export class InventoryError extends QuaysideError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(format).join('\n'), { exitCode: exit.usage })
    this.faults = faults
  }
}

/** Gathers faults so that a person sees all of them at once: each once, by file and line. */
export class Faults {
  readonly #faults = new Map<string, Fault>()

  add(place: Place, message: string, hint?: string, about?: FaultAbout): void {
    const { file, line, column } = place
    const fault = { file, line, column, message, hint, ...(about === undefined ? {} : { about }) }
    this.#faults.set(format(fault), fault)
  }

  /** All of them, by place. */
  get all(): readonly Fault[] {
    return [...this.#faults.values()].sort(byPlace)
  }

  throwIfAny(): void {
    if (this.#faults.size > 0) throw new InventoryError(this.all)
  }
}

/** A path as it is shown: relative to the working directory, unless it lies outside it. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

/** "file:line", to point at another place from within a message. */
export function shownPlace(place: Place): string {
  return place.line === 0 ? place.file : `${place.file}:${place.line}`
}

function format(fault: Fault): string {
  const where = fault.line === 0 ? fault.file : `${fault.file}:${fault.line}:${fault.column}`
  const line = `${where}: ${fault.message}`
  return fault.hint === undefined ? line : `${line}\n    ${fault.hint}`
}

/** For sorting: by file, then by place in it. */
export function byPlace(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}
