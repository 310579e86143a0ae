import type { Colour } from '../deploy/colour.ts'
import { parseEdge, readEdge } from '../deploy/edge.ts'
import { listDebts, readDebts } from '../engine/debt.ts'
import type { Host } from '../inventory/inventory.ts'
import { lines, raw, sh } from '../script/index.ts'
import type { Check, Seen } from './check.ts'
import type { Deployed } from './deployed.ts'
import { said } from './gather.ts'

/** Handlers that a run owed when it ended: something runs with its old configuration until site.ts pays. */
export function debtsCheck(host: Host): Check {
  return {
    host,
    service: 'host',
    layer: 'state',
    what: 'handlers owed',
    script: listDebts,
    judge: ({ stdout }) => {
      const owed = readDebts(stdout)
      return owed.length === 0
        ? [{ verdict: 'ok', seen: 'no handler is owed' }]
        : [{ verdict: 'warning', seen: `handlers are owed, which site.ts pays: ${owed.join(', ')}` }]
    },
  }
}

/** What an edge serves, whether a flip was left half-made, and who deploys now. It takes no lock to find that out. */
export function edgeCheck(host: Host, lock: string, deployed: Deployed): Check {
  return {
    host,
    service: 'deploy',
    layer: 'state',
    what: 'what it serves',
    script: lines(readEdge, sh`echo; echo ${gap}`, holder(lock)),
    judge: (answer) => {
      if (answer.code !== 0) return [{ verdict: 'failed', seen: said(answer) }]
      const [edge = '', owner = ''] = answer.stdout.split(gap)
      return [judgeEdge(edge, owner.trim(), deployed)]
    },
  }
}

export function judgeEdge(edge: string, owner: string, { served, held }: Deployed): Seen {
  const { colour, flip } = parseEdge(edge)
  const releases = new Set([...held.values()].map((each) => each[colour]?.id))
  const others = [...served].filter((each) => each !== colour)
  const by = owner === '' ? '' : `, locked: ${owner}`
  if (releases.size === 0 || [...releases].every((each) => each === undefined))
    return { verdict: 'warning', seen: `nothing is deployed yet${by}` }
  // A flip that somebody is at is no news: it is over in a second.
  if (flip !== undefined && owner === '')
    return {
      verdict: 'warning',
      seen: `a flip to ${flip.release} was left unfinished: the next deploy or rollback undoes it`,
    }
  if (others.length > 0 && owner === '')
    return { verdict: 'failed', seen: `serves ${colour}, and others serve ${others.join(', ')}` }
  if (releases.size > 1)
    return { verdict: 'failed', seen: `serves ${colour}, which is not one release on all app hosts${by}` }
  return { verdict: 'ok', seen: `serves ${colour}, release ${[...releases][0]}${by}` }
}

/** Who holds another lock of ours (a backup, a restore): worth knowing, and no fault. */
export function lockCheck(host: Host, service: string, lock: string): Check {
  return {
    host,
    service,
    layer: 'state',
    what: lock,
    script: holder(lock),
    judge: ({ stdout }) => [
      { verdict: 'ok', seen: stdout.trim() === '' ? 'no lock is held' : `locked: ${stdout.trim()}` },
    ],
  }
}

/** Prints who holds a lock of lib/engine/lock.ts; nothing where nobody does: its process keeps the file open as 9. */
function holder(lock: string) {
  return lines(
    sh`pid=$(cat ${`${lock}.pid`} 2>/dev/null) && [ "/proc/$pid/fd/9" -ef ${lock} ] && cat ${lock}`,
    raw(':'),
  )
}

const gap = '--quayside-lock--'

/** The colours whose containers a host is to have, in an order of their own. */
export function heldColours(deployed: Deployed, host: string): readonly Colour[] {
  const held = deployed.held.get(host)
  return (['blue', 'green'] as const).filter((colour) => held?.[colour] !== undefined)
}
