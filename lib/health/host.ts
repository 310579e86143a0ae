import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { byShare, type Check, type Seen, worst } from './check.ts'
import { said } from './gather.ts'
import { percent } from './words.ts'

/** runnable processes a core over five minutes: much work is no fault, so it is never more than a warning */
const loadWarning = 2
/** shares of the memory that are taken; the kernel begins to kill soon after */
const memoryWarning = 0.9
const memoryFailed = 0.97

/** How busy a host is, and what memory it can still give. */
export function hostCheck(host: Host): Check {
  return {
    host,
    service: 'host',
    layer: 'host',
    what: 'load and memory',
    script: sh`nproc && cat /proc/loadavg && grep -E '^Mem(Total|Available):' /proc/meminfo`,
    judge: (answer) =>
      answer.code === 0 ? [judgeHost(answer.stdout)] : [{ verdict: 'failed', seen: said(answer) }],
  }
}

/** Of nproc, /proc/loadavg, and two lines of /proc/meminfo. */
export function judgeHost(stdout: string): Seen {
  const [cores = '', loads = ''] = stdout.split('\n')
  const load = Number(loads.split(' ')[1])
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(stdout)?.[1])
  const [total, available] = [kib('MemTotal'), kib('MemAvailable')]
  if ([load, total, available].some(Number.isNaN)) throw new Error(stdout.slice(0, 100))
  const taken = 1 - available / total
  return {
    verdict: worst([
      byShare(load / Number(cores), loadWarning, Number.POSITIVE_INFINITY),
      byShare(taken, memoryWarning, memoryFailed),
    ]),
    seen: `load ${load} on ${cores} cores, ${percent(taken)} of ${Math.round(total / 1024)} MiB taken`,
  }
}
