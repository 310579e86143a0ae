import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import type { Check, Layer } from './check.ts'
import { type Answer, said } from './gather.ts'

/** A question by HTTP, asked on a host with curl. */
export interface WebQuestion {
  readonly host: Host
  readonly service: string
  readonly layer: Layer
  readonly url: string
  /** what curl is told besides: --resolve and the like */
  readonly options?: readonly string[]
  /** how it is called in the table: "/api/ready" */
  readonly what: string
  /** the release that is to answer, where it is one that tells */
  readonly release?: string | undefined
}

/** An answer of 2xx or 3xx is well, and where a release is named, only that release's. */
export function webCheck(question: WebQuestion): Check {
  const { host, service, layer, url, options = [], what, release } = question
  const body = release === undefined ? ['-o', '/dev/null'] : ['-i']
  return {
    host,
    service,
    layer,
    what,
    // No time limit of curl's own: whoever hangs is cut off like every other check, and named.
    script: sh`exec curl -q -sS --http1.1 ${body} ${options} -w ${verdictLine} ${url}`,
    judge: (answer) => {
      const { status, seconds } = statusOf(answer)
      if (status === 0) return [{ verdict: 'failed', seen: `${what}: ${withoutCurl(said(answer))}` }]
      const took = `${status} in ${Math.round(seconds * 1000)} ms`
      if (status < 200 || status > 399) return [{ verdict: 'failed', seen: `${what}: ${took}` }]
      if (release === undefined) return [{ verdict: 'ok', seen: `${what}: ${took}` }]
      return tells(answer.stdout, release)
        ? [{ verdict: 'ok', seen: `${what}: ${took}, release ${release}` }]
        : [{ verdict: 'failed', seen: `${what}: ${took}, but it is not release ${release}` }]
    },
  }
}

/** A request by plain HTTP must be sent on to HTTPS. */
export function redirectCheck(
  question: Pick<WebQuestion, 'host' | 'service' | 'layer' | 'url' | 'options' | 'what'>,
): Check {
  const { url, options = [], what, ...rest } = question
  return {
    ...rest,
    what,
    script: sh`exec curl -q -sS -o /dev/null ${options} -w ${verdictLine} ${url}`,
    judge: (answer) => {
      const { status, target } = statusOf(answer)
      if (status === 0) return [{ verdict: 'failed', seen: `${what}: ${withoutCurl(said(answer))}` }]
      const ok = status >= 301 && status <= 308 && target.startsWith('https://')
      return [
        {
          verdict: ok ? 'ok' : 'failed',
          seen: `${what}: ${status}${target === '' ? ', no redirect' : ` to ${target}`}`,
        },
      ]
    },
  }
}

const verdictLine = '\\nquayside %{http_code} %{time_total} %{redirect_url}'

/** status 0: no answer came */
function statusOf({ stdout }: Answer): { status: number; seconds: number; target: string } {
  const [, status = '0', seconds = '0', target = ''] =
    /(?:^|\n)quayside (\d+) ([\d.,]+) ?(\S*)\s*$/.exec(stdout) ?? []
  return { status: Number(status), seconds: Number(seconds.replace(',', '.')), target }
}

/** As a deploy takes it: a header of its own, or the release as a word of JSON. */
function tells(text: string, release: string): boolean {
  const header = /^x-release: *(.*?)\r?$/im.exec(text)?.[1]
  return header === release || text.includes(`"${release}"`)
}

function withoutCurl(line: string): string {
  return line.replace(/^curl: \(\d+\) /, '')
}
