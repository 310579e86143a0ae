import { parseArgs } from 'node:util'
import { UsageError } from '../error.ts'
import { nearest } from '../inventory/nearest.ts'
import { connectionFlags } from './connection-flags.ts'

/** A flag of a playbook: `--release TAG`, or without `value` a switch. */
export interface Flag {
  readonly about: string
  /** the word that stands for its value in --help; a switch has none */
  readonly value?: string
  readonly short?: string
  /** may be given several times: -v -v, --tags a --tags b */
  readonly counts?: boolean
}

export type Flags = Readonly<Record<string, Flag>>

/** Flags of every program. */
export const programFlags = {
  verbose: {
    about: 'say more: -v what did not change, -vv what is done and stack traces, -vvv what it printed',
    short: 'v',
    counts: true,
  },
  help: { about: 'show this', short: 'h' },
} as const satisfies Flags

/** Which inventory is read. */
export const environmentFlags = {
  env: { about: 'the environment: a folder of inventory/', value: 'NAME', short: 'e' },
  inventory: { about: 'another folder to read the inventory from', value: 'DIR', short: 'i' },
} as const satisfies Flags

/** An inventory, and what is laid over its variables. */
export const variableFlags = {
  ...environmentFlags,
  'extra-vars': {
    about: "variables over all others: key=value, @file.yaml or '{…}'",
    value: 'VARS',
    short: 'x',
    counts: true,
  },
} as const satisfies Flags

/** Flags of every playbook that runs on an inventory. */
export const playbookFlags = {
  ...variableFlags,
  check: { about: 'show what would change, and change nothing', short: 'C' },
  diff: { about: 'show the differences line by line', short: 'D' },
  'exit-code': { about: 'with --check: exit 3 when changes are pending' },
  forks: { about: 'hosts worked on at the same time (default 50)', value: 'N', short: 'f' },
  ...connectionFlags,
  ...programFlags,
} as const satisfies Flags

/** What a command line said. */
export class Args {
  readonly positionals: readonly string[]
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>, positionals: readonly string[]) {
    this.#values = values
    this.positionals = positionals
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** Every value of a flag that may be given several times. */
  texts(name: string): readonly string[] {
    const value = this.#values[name]
    if (Array.isArray(value)) return value.filter((each) => typeof each === 'string')
    return typeof value === 'string' ? [value] : []
  }

  count(name: string): number {
    const value = this.#values[name]
    return Array.isArray(value) ? value.length : value === undefined ? 0 : 1
  }

  /** A whole number of at least `least`; throws a UsageError for anything else. */
  number(name: string, least: number): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    if (!/^\d+$/.test(value) || Number(value) < least)
      throw new UsageError(`--${name} takes a whole number of at least ${least}, not "${value}"`)
    return Number(value)
  }
}

/** Parses a command line strictly; an unknown flag is an error that names the nearest one. */
export function parseFlags(argv: readonly string[], flags: Flags): Args {
  const known = Object.entries(flags)
  const options = Object.fromEntries(
    known.map(([name, flag]) => [
      name,
      {
        type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(flag.short === undefined ? {} : { short: flag.short }),
        ...(flag.counts === true ? { multiple: true } : {}),
      },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const flag = flags[token.name]
    if (flag === undefined)
      throw unknownFlag(
        token.rawName,
        known.map(([name]) => `--${name}`),
      )
    if (flag.value !== undefined && (token.value === undefined || token.value === ''))
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${flag.value}`)
    if (flag.value !== undefined && !token.inlineValue && token.value?.startsWith('-'))
      throw new UsageError(
        `${token.rawName} needs a value: ${token.rawName} ${flag.value}`,
        `for a value that begins with "-": ${token.rawName}=${token.value}`,
      )
    if (flag.value === undefined && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value`)
  }
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  return new Args(values, positionals)
}

function unknownFlag(name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known)
  return new UsageError(`unknown flag ${name}`, near === undefined ? 'see --help' : `did you mean ${near}?`)
}
