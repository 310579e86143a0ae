import { request } from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** sent as JSON */
  readonly body?: unknown
}

/**
 * Asks a site on this machine whose certificate is of an authority of its own, `ca` as PEM: fetch takes none. Rejects
 * when there is no answer within ten seconds, or the certificate is not one of the authority's.
 */
export function askHttps(
  site: { readonly port: number; readonly ca: string },
  path: string,
  { body, headers, method = 'GET' }: Asked = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', servername: 'localhost', port: site.port, ca: site.ca, path, method },
        ...{ agent: false, timeout: 10_000 },
        headers: {
          host: `localhost:${site.port}`,
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.end(text)
  })
}
