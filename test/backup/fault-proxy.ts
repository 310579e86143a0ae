import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What S3 calls a request. */
export type Operation =
  | 'PutObject'
  | 'UploadPart'
  | 'CreateMultipartUpload'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListMultipartUploads'
  | 'GetObject'
  | 'HeadObject'
  | 'List'
  | 'DeleteObjects'
  | 'other'

/** What goes wrong with a request. */
export type Fault =
  /** answered so, and never passed on */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** the connection is reset when that many bytes of the request's body have come */
  | { readonly kind: 'reset'; readonly after: number }
  /** nothing more happens after that many bytes of the answer */
  | { readonly kind: 'stall'; readonly after?: number }
  /** the connection is closed after that many bytes of the answer */
  | { readonly kind: 'cut'; readonly after: number }
  /** the server does it, and its answer never comes */
  | { readonly kind: 'lost' }
  /** one bit of the body is another when it arrives */
  | { readonly kind: 'flip' }

export interface FaultProxy {
  readonly endpoint: string
  /** all that came, in order */
  readonly seen: readonly Operation[]
  /** The next requests of that kind fail so; `where` looks at the path with its query. */
  fail(operation: Operation, fault: Fault, options?: { times?: number; where?: RegExp }): void
  /** Forgets all faults that have not come yet, and what was seen. */
  heal(): void
  close(): Promise<void>
}

/** Stands in front of an S3 server on a port of its own, and does what a bad day does. */
export async function faultProxy(upstream: string): Promise<FaultProxy> {
  const to = new URL(upstream)
  const agent = new Agent({ keepAlive: true })
  let faults: { operation: Operation; fault: Fault; left: number; where: RegExp }[] = []
  const seen: Operation[] = []
  const server = createServer((from, answer) => {
    const operation = operationOf(from)
    seen.push(operation)
    const found = faults.find(
      (each) => each.operation === operation && each.left > 0 && each.where.test(from.url ?? ''),
    )
    if (found !== undefined) found.left -= 1
    from.on('error', () => {})
    answer.on('error', () => {})
    serve(from, answer, found?.fault, to, agent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    fail: (operation, fault, { times = 1, where = /^/ } = {}) => {
      faults.push({ operation, fault, left: times, where })
    },
    heal: () => {
      faults = []
      seen.length = 0
    },
    close: async () => {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(
  from: IncomingMessage,
  answer: ServerResponse,
  fault: Fault | undefined,
  to: URL,
  agent: Agent,
): void {
  if (fault?.kind === 'status') {
    from.resume().on('end', () => {
      answer.writeHead(fault.status, { 'content-type': 'application/xml' })
      answer.end(
        `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>on purpose</Message></Error>`,
      )
    })
    return
  }
  if (fault?.kind === 'reset') {
    let had = 0
    if (fault.after === 0) from.socket.resetAndDestroy()
    from.on('data', (chunk: Buffer) => {
      had += chunk.length
      if (had >= fault.after) from.socket.resetAndDestroy()
    })
    return
  }
  if (fault?.kind === 'stall' && fault.after === undefined) {
    from.resume()
    return
  }
  const up = request(
    { agent, host: to.hostname, port: to.port, method: from.method, path: from.url, headers: from.headers },
    (came) => {
      came.on('error', () => answer.destroy())
      if (fault?.kind === 'lost') {
        came.resume().on('end', () => from.socket.resetAndDestroy())
        return
      }
      answer.writeHead(came.statusCode ?? 502, came.rawHeaders)
      if (fault?.kind !== 'cut' && fault?.kind !== 'stall') {
        came.pipe(answer)
        return
      }
      let left = fault.after ?? 0
      came.on('data', (chunk: Buffer) => {
        if (left <= 0) return
        const last = left <= chunk.length
        answer.write(chunk.subarray(0, left), () => {
          if (last && fault.kind === 'cut') from.socket.destroy()
        })
        left -= chunk.length
      })
    },
  )
  up.on('error', () => answer.destroy())
  answer.on('close', () => {
    if (!answer.writableFinished) up.destroy()
  })
  if (fault?.kind !== 'flip') {
    from.pipe(up)
    return
  }
  let flipped = false
  from.on('data', (chunk: Buffer) => {
    const other = Buffer.from(chunk)
    if (!flipped) other[0] = (other[0] ?? 0) ^ 1
    flipped = true
    up.write(other)
  })
  from.on('end', () => up.end())
}

function operationOf({ method, url }: IncomingMessage): Operation {
  const { pathname, searchParams: query } = new URL(url ?? '/', 'http://any')
  const object = pathname.split('/').filter((each) => each !== '').length > 1
  if (method === 'PUT' && query.has('partNumber')) return 'UploadPart'
  if (method === 'PUT' && object) return 'PutObject'
  if (method === 'POST' && query.has('uploads')) return 'CreateMultipartUpload'
  if (method === 'POST' && query.has('uploadId')) return 'CompleteMultipartUpload'
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects'
  if (method === 'DELETE' && query.has('uploadId')) return 'AbortMultipartUpload'
  if (method === 'GET' && query.has('uploads')) return 'ListMultipartUploads'
  if (method === 'GET' && query.has('list-type')) return 'List'
  if (method === 'GET' && object) return 'GetObject'
  if (method === 'HEAD' && object) return 'HeadObject'
  return 'other'
}
