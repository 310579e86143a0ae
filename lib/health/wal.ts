import { type ArchiverStatus, archiverStatus, silence } from '../backup/wal/status.ts'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { byShare, type Check, type Seen, worst } from './check.ts'
import { mebibytes, span } from './words.ts'

/** seconds that a finished segment waits: S3 was away for a moment, or for so long that much would be lost */
const lagWarning = 120
const lagFailed = 900

/** What the archiver of PostgreSQL's log says of itself, on a host that has one. */
export function archiverCheck(host: Host): Check {
  return {
    host,
    service: 'archiver',
    layer: 'wal',
    what: 'the state of the archiver',
    script: sh`date +%s; cat /var/lib/quayside/wal/status 2>/dev/null || :`,
    judge: ({ stdout }) => {
      const at = stdout.indexOf('\n')
      const now = new Date(Number(stdout.slice(0, at)) * 1000)
      return [judgeArchiver(archiverStatus(host.name, stdout.slice(at + 1)), now)]
    },
  }
}

export function judgeArchiver(status: ArchiverStatus | undefined, now: Date): Seen {
  if (status === undefined)
    return { verdict: 'failed', seen: 'there is no archiver, and postgres_archive is on: run site.ts' }
  const { at, last, lastAt, queueBytes, lagSeconds, gaps, failing } = status
  const silent = (now.getTime() - at.getTime()) / 1000
  const since = lastAt === undefined ? '' : ` ${span((now.getTime() - lastAt.getTime()) / 1000)} ago`
  return {
    verdict: worst([
      failing || gaps > 0 || silent > silence ? 'failed' : 'ok',
      byShare(lagSeconds, lagWarning, lagFailed),
    ]),
    seen: [
      ...(silent > silence ? [`not heard of for ${span(silent)}: systemctl status quayside-wal`] : []),
      ...(failing ? ['S3 does not take what it ships: journalctl -u quayside-wal'] : []),
      ...(gaps > 0 ? [`gave up ${gaps} segments: take a base backup (backup.ts base)`] : []),
      last === undefined ? 'nothing shipped yet' : `shipped ${last}${since}`,
      `${mebibytes(queueBytes)} MiB wait, the oldest for ${span(lagSeconds)}`,
    ].join(', '),
  }
}
