import { type Check, type Seen, said } from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { sh } from '../../lib/script/index.ts'
import { judgeDays } from '../log-store/checks.ts'
import { paths } from './paths.ts'

/** lines that wait: a store that is there takes as many in seconds */
const manyLines = 5000

/** Whether what containers say leaves the host. */
export function collectorCheck(host: Host): Check {
  return {
    host,
    service: 'logs',
    layer: 'state',
    what: paths.unit,
    script: sh`systemctl is-active -- ${paths.unit} || :
sed -n 's/^+iQueueSize:[0-9]*:[0-9]*:\\([0-9]*\\):$/queue=\\1/p' ${`${paths.state}/store.qi`} 2>/dev/null || :
openssl x509 -noout -enddate -in ${paths.certificate} 2>&1 || :`,
    judge: (answer) =>
      answer.code === 0
        ? [judgeCollector(answer.stdout, Date.now())]
        : [{ verdict: 'failed', seen: said(answer) }],
  }
}

/** Of the unit's state, the queue's length where it has one, and the certificate's end. */
export function judgeCollector(stdout: string, now: number): Seen {
  const active = stdout.split('\n', 1)[0] ?? ''
  if (active !== 'active') return { verdict: 'failed', seen: `the collector is ${active || 'not there'}` }
  const waiting = Number(/^queue=(\d+)$/m.exec(stdout)?.[1] ?? 0)
  const certificate = judgeDays(stdout, now)
  if (certificate.verdict === 'failed' || waiting <= manyLines)
    return { ...certificate, seen: `the collector sends, ${certificate.seen}` }
  return {
    ...certificate,
    verdict: 'warning',
    seen: `${waiting} lines wait for the store, ${certificate.seen}`,
  }
}
