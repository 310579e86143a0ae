import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import type { Check } from './check.ts'
import { said } from './gather.ts'

/** A TCP port, asked from a host that uses it: what is between them (a firewall, a route) counts, too. */
export interface Port {
  readonly from: Host
  readonly service: string
  readonly address: string
  readonly port: number
  /** whose it is, where it is another host's */
  readonly of?: string
}

export function portCheck({ from, service, address, port, of }: Port): Check {
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}${of === undefined ? '' : ` of ${of}`}`
  return {
    host: from,
    service,
    layer: 'port',
    what: place,
    // bash alone can open a port without a program that a host may lack.
    script: sh`exec bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${address} ${port}`,
    judge: (answer) => {
      if (answer.code === 0) return [{ verdict: 'ok', seen: `${place} is open` }]
      const why = said(answer).replace(/^.*: /, '')
      return [{ verdict: 'failed', seen: `${place}: ${why}` }]
    },
  }
}
