import type { NginxVars } from './schema.ts'

export type HeaderVars = Pick<NginxVars, 'nginx_hsts_seconds' | 'nginx_content_security_policy'>

/** What every answer carries; `always`, so that errors do, too. An empty value is not sent. */
export function securityHeaders(vars: HeaderVars): string {
  const { nginx_hsts_seconds: hsts, nginx_content_security_policy: policy } = vars
  const headers: readonly (readonly [name: string, value: string])[] = [
    ...(hsts > 0 ? [['Strict-Transport-Security', `max-age=${hsts}; includeSubDomains`] as const] : []),
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'strict-origin-when-cross-origin'],
    ['Permissions-Policy', 'camera=(), microphone=(), geolocation=()'],
    ...(policy === '' ? [] : [['Content-Security-Policy', policy] as const]),
  ]
  // An app's own policy stands beside ours and the browser keeps to both; the others would only be said twice.
  const hidden = headers.map(([name]) => name).filter((name) => name !== 'Content-Security-Policy')
  return [
    ...headers.map(([name, value]) => `add_header ${name} "${value}" always;`),
    'add_header X-Request-Id $trace_id always;',
    'add_header X-Colour $colour always;',
    'add_header Retry-After $retry_after always;',
    ...[...hidden, 'X-Powered-By', 'X-Request-Id'].map((name) => `proxy_hide_header ${name};`),
  ].join('\n')
}
