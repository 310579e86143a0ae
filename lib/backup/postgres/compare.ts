import { identifier, qualified } from '../../postgres/identifier.ts'
import type { TablePart } from '../manifest.ts'
import { type Catalog, unpopulated } from './catalog.ts'
import type { SequencePart } from './sequences.ts'

/** One thing in which a copy is not what was backed up. */
export interface Difference {
  /** table "public"."a" */
  readonly what: string
  /** 10 rows in the backup, 9 here */
  readonly text: string
}

/**
 * What is not the same here as in the backup, one for each fault: none when all is well. Not compared: sizes on disk, the owner, and
 * the rows of materialized views, which no dump holds and a restore makes anew from the tables.
 */
export function compareCatalogs(backup: Catalog, here: Catalog): readonly Difference[] {
  const kinds = new Map(
    [...here.tables, ...backup.tables].map((each) => [qualified(each), kindOf(each)] as const),
  )
  return [
    ...values('encoding', backup.encoding, here.encoding),
    ...values('collation', backup.collate, here.collate),
    ...values('character type', backup.ctype, here.ctype),
    ...values('locale', backup.locale ?? 'libc', here.locale ?? 'libc'),
    ...paired(
      backup.extensions,
      here.extensions,
      ({ name }) => `extension ${identifier(name)}`,
      (a, b) =>
        a.version === b.version ? undefined : `version ${a.version} in the backup, ${b.version} here`,
    ),
    ...paired(backup.tables, here.tables, qualified, tableFault).map(({ what, text }) => ({
      what: `${kinds.get(what) ?? 'table'} ${what}`,
      text,
    })),
    ...paired(backup.sequences, here.sequences, (each) => `sequence ${qualified(each)}`, sequenceFault),
    ...largeObjectFaults(backup, here),
    ...(backup.objects === undefined || here.objects === undefined
      ? []
      : paired(
          backup.objects,
          here.objects,
          ({ kind, name }) => `${kind} ${name}`,
          () => undefined,
        )),
  ]
}

function values(what: string, backup: string, here: string): Difference[] {
  return backup === here ? [] : [{ what, text: `${backup} in the backup, ${here} here` }]
}

/** Those of one name held against each other; sorted by it. */
function paired<T>(
  backup: readonly T[],
  here: readonly T[],
  nameOf: (each: T) => string,
  faultOf: (backup: T, here: T) => string | undefined,
): Difference[] {
  const [theirs, ours] = [backup, here].map((all) => new Map(all.map((each) => [nameOf(each), each])))
  return [...new Set([...(theirs?.keys() ?? []), ...(ours?.keys() ?? [])])].sort().flatMap((what) => {
    const [a, b] = [theirs?.get(what), ours?.get(what)]
    const text =
      a === undefined ? 'not in the backup, but here' : b === undefined ? 'missing here' : faultOf(a, b)
    return text === undefined ? [] : [{ what, text }]
  })
}

function tableFault(backup: TablePart, here: TablePart): string | undefined {
  if (backup.kind !== here.kind) return `a ${kindOf(backup)} in the backup, a ${kindOf(here)} here`
  if (backup.kind === 'matview') {
    if ((backup.hash === unpopulated) === (here.hash === unpopulated)) return undefined
    return backup.hash === unpopulated ? 'without data in the backup, filled here' : 'without data here'
  }
  if (backup.rows !== here.rows) return `${rows(backup.rows)} in the backup, ${here.rows} here`
  if (backup.hash === here.hash) return undefined
  const [theirs, ours] = [backup, here].map(({ hash }) => hash.split(':')[0])
  if (theirs !== ours)
    return `its hash in the backup is of another formula (${theirs}) than the one here (${ours})`
  return `${rows(backup.rows)} in both, but what they hold differs`
}

function sequenceFault(backup: SequencePart, here: SequencePart): string | undefined {
  const { until } = backup
  if (until !== undefined) {
    const [from, to] = [BigInt(backup.value), BigInt(until)].sort((a, b) => (a < b ? -1 : 1))
    const at = BigInt(here.value)
    if (from === undefined || to === undefined || (at >= from && at <= to)) return undefined
    return `between ${backup.value} and ${until} in the backup, at ${here.value} here`
  }
  if (backup.value === here.value && backup.called === here.called) return undefined
  return `at ${position(backup)} in the backup, at ${position(here)} here`
}

function position({ value, called }: SequencePart): string {
  return called ? value : `${value}, which is still to be given out,`
}

function largeObjectFaults({ largeObjects: a }: Catalog, { largeObjects: b }: Catalog): Difference[] {
  const what = 'large objects'
  if (a.count !== b.count) return [{ what, text: `${a.count} in the backup, ${b.count} here` }]
  if (a.bytes !== b.bytes) return [{ what, text: `${a.bytes} bytes in the backup, ${b.bytes} here` }]
  return a.hash === b.hash ? [] : [{ what, text: `${a.bytes} bytes in both, but what they hold differs` }]
}

const kindOf = ({ kind }: TablePart): string => (kind === 'matview' ? 'materialized view' : kind)

const rows = (count: number): string => `${count} row${count === 1 ? '' : 's'}`
