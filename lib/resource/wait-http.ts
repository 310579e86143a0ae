import { sh } from '../script/index.ts'
import { oneLine, whole } from './argument.ts'
import type { Resource } from './resource.ts'
import { type WaitOptions, waiting } from './wait.ts'

export interface WaitForHttpOptions extends WaitOptions {
  /** http:// or https://, without a user and password: they would stand in curl's arguments */
  readonly url: string
  /** 200 unless told; a redirect is an answer, and not followed */
  readonly status?: number | undefined
  /** POSIX extended regular expression that a line of the body must match */
  readonly bodyMatches?: string | undefined
  /** takes any certificate: for a host that is asked before it has its own; false unless told */
  readonly insecure?: boolean | undefined
}

/**
 * An answer over HTTP, asked from the host with its curl once a second; one answer may take five seconds and be 16 MB
 * long. Unknown as long as curl is not there.
 */
export function waitForHttp(options: WaitForHttpOptions): Resource {
  const { status = 200, bodyMatches, insecure = false } = options
  const url = plainUrl(options.url)
  whole(status, 100, 599, 'status')
  if (bodyMatches !== undefined) oneLine(bodyMatches, 'bodyMatches')
  const flags = insecure ? ['--insecure'] : []
  const body =
    bodyMatches === undefined
      ? sh``
      : sh`
printf '%s\\n' "$body" | LC_ALL=C grep -aqE -e ${bodyMatches} || {
  said="$said without a line that matches, but: $(printf '%s' "$body" | tr -d '\\000-\\037' | head -c 120)"
  return 1
}`
  return waiting({
    id: `wait for ${url}`,
    until: `${url} answers ${status}${bodyMatches === undefined ? '' : ` with ${bodyMatches}`}`,
    needs: sh`command -v curl >/dev/null || { echo 'curl is not there, which asks for the page: install curl' >&2; exit 3; }
nl='
'`,
    look: sh`answer=$(curl -sS --globoff --max-time 5 --max-filesize 16777216 ${flags} -w '\\n%{http_code}' -- ${url} 2>&1) || {
  said=$(printf '%s\\n' "$answer" | sed -n 's/^curl: //p' | head -n 1)
  return 1
}
code=\${answer##*"$nl"} body=\${answer%"$nl"*}
said="HTTP $code"
[ "$code" = ${status} ] || return 1${body}`,
    options,
  })
}

function plainUrl(text: string): string {
  oneLine(text, 'url')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`url must begin with http:// or https://: ${JSON.stringify(text)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('url must not hold a user or a password: they would stand in the arguments of curl')
  }
  return text
}
