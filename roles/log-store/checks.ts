import { type Check, type Seen, said } from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { sh } from '../../lib/script/index.ts'
import { paths } from './paths.ts'

const day = 86_400_000
/** any run renews a certificate in its last 30 days: one that is older than that was not, for a while */
const warningDays = 21
const failedDays = 7

/** Whether the store takes what the hosts send. */
export function storeCheck(host: Host): Check {
  return {
    host,
    service: 'logs',
    layer: 'state',
    what: paths.unit,
    script: sh`systemctl is-active -- ${paths.unit} || :
openssl x509 -noout -enddate -in ${paths.certificate} 2>&1 || :`,
    judge: (answer) =>
      answer.code === 0
        ? [judgeStore(answer.stdout, Date.now())]
        : [{ verdict: 'failed', seen: said(answer) }],
  }
}

/** Of the unit's state and the certificate's end. */
export function judgeStore(stdout: string, now: number): Seen {
  const active = stdout.split('\n', 1)[0] ?? ''
  if (active !== 'active') return { verdict: 'failed', seen: `the store is ${active || 'not there'}` }
  const certificate = judgeDays(stdout, now)
  return { ...certificate, seen: `the store takes what is sent, ${certificate.seen}` }
}

/** How long the certificate of "notAfter=…" is good for. */
export function judgeDays(stdout: string, now: number): Seen {
  const end = Date.parse(/^notAfter=(.+)$/m.exec(stdout)?.[1] ?? '')
  if (Number.isNaN(end)) return { verdict: 'failed', seen: 'its certificate cannot be read' }
  const daysLeft = Math.floor((end - now) / day)
  const verdict = daysLeft < failedDays ? 'failed' : daysLeft < warningDays ? 'warning' : 'ok'
  return { verdict, seen: `its certificate is good for ${daysLeft} days`, daysLeft }
}
