import { QuaysideError } from '../../error.ts'
import { openDatabase, type Server } from '../../postgres/database.ts'
import { dropMarked, type Marked, markedDatabases } from './beside.ts'
import { beforeName } from './names.ts'
import { swap } from './swap.ts'
import type { Tools } from './tools.ts'

/** Puts restored databases in the place of those that serve, all in one transaction. */
export async function swapIn(tools: Tools, which: (each: Marked) => boolean): Promise<void> {
  const waits = ({ mark }: Marked) => mark.state === 'ready' && mark.whole
  const chosen = await newest(await tools.server(), (each) => waits(each) && which(each))
  if (chosen.length === 0)
    throw new QuaysideError('no database is restored and waits to be swapped', {
      hint: 'npx zx playbooks/restore.ts --env … restores the newest backup; one table alone is never swapped',
    })
  await exchange(tools, chosen, { carry: true, word: 'now' })
}

/** Swaps back: what served before the last swap serves again, and what served until now is kept. */
export async function undo(tools: Tools, which: (each: Marked) => boolean): Promise<void> {
  const chosen = await newest(await tools.server(), (each) => each.mark.state === 'before' && which(each))
  if (chosen.length === 0) throw new QuaysideError('nothing was swapped, or what served before is dropped')
  await exchange(tools, chosen, { carry: false, word: 'again' })
}

/** Gives databases the names of those that serve, which are kept; `carry` is swap's. */
async function exchange(
  tools: Tools,
  chosen: readonly Marked[],
  { carry, word }: { readonly carry: boolean; readonly word: 'now' | 'again' },
): Promise<void> {
  const now = new Date()
  const cut = await swap(
    await tools.server(),
    chosen.map(({ name, mark: { comment, ...mark } }) => ({
      live: mark.of,
      beside: name,
      away: beforeName(mark.of, now),
      mark: { ...mark, state: 'before', run: tools.run, at: now.toISOString() },
      carry,
      comment,
    })),
    { signal: tools.signal },
  )
  for (const { name, mark } of chosen)
    tools.emit({
      type: 'step',
      text: `${name} is ${mark.of} ${word} (${cut} sessions were cut off); what served is kept as ${beforeName(mark.of, now)}`,
    })
}

/** Drops what restores have kept: databases in one of these states. */
export async function dropKept(
  tools: Tools,
  states: readonly Marked['mark']['state'][],
): Promise<readonly Marked[]> {
  await using admin = await openDatabase(await tools.server(), 'postgres', { purpose: 'restore' })
  const kept = (await markedDatabases(admin)).filter(({ mark }) => states.includes(mark.state))
  for (const each of kept) await dropMarked(admin, each)
  return kept
}

/** The newest database for each name that serves. */
async function newest(server: Server, which: (each: Marked) => boolean): Promise<readonly Marked[]> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const all = (await markedDatabases(admin)).filter(which)
  return all.filter(({ mark }, index) => all.findIndex((each) => each.mark.of === mark.of) === index)
}
