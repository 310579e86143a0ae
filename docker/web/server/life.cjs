// A request's passage through the server, and the server's end.

const { randomUUID } = require('node:crypto')

const RELEASE = process.env.RELEASE || 'dev'
const COLOUR = process.env.COLOUR || 'none'
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/
// Asked every two seconds by the container's health check: logged only when it fails.
const QUIET = '/healthz'
// How long to go on serving after SIGTERM, asking each client to reconnect.
const DRAIN_MS = Number(process.env.DRAIN_SECONDS ?? 1) * 1000
// With the drain before it, an end within 10 s, which is when `docker stop` loses patience.
const FINISH_MS = 6000

const open = new Set()
let stopping = false

/** Marks the response with the release and the request's id, and writes one JSON line when it is over. */
function admit(request, response) {
  const started = performance.now()
  const { 'x-request-id': given, 'x-forwarded-for': forwardedFor = '' } = request.headers
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
  request.headers['x-request-id'] = id
  response.setHeader('X-Release', RELEASE)
  response.setHeader('X-Request-Id', id)
  if (stopping) response.setHeader('Connection', 'close')
  open.add(response)
  response.once('close', () => {
    open.delete(response)
    const path = request.url.split('?', 1)[0]
    if (path === QUIET && response.statusCode === 200) return
    log('info', 'request', {
      requestId: id,
      method: request.method,
      path,
      status: response.statusCode,
      finished: response.writableFinished,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
      client: request.socket.remoteAddress ?? '',
      forwardedFor,
    })
  })
}

/** Serves on for a moment with `Connection: close`, then takes no more, lets what runs finish, and ends the process. */
function retire(server) {
  stopping = true
  log('info', 'draining')
  for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close')
  setTimeout(() => {
    server.close(() => {
      log('info', 'stopped')
      process.exit(0)
    })
    // Again and again, for a response that was streaming when the end began has promised to keep its connection.
    setInterval(() => server.closeIdleConnections(), 100)
    setTimeout(() => {
      log('error', `requests still run after ${FINISH_MS / 1000} s: cutting them`)
      process.exit(1)
    }, FINISH_MS)
  }, DRAIN_MS)
}

function log(level, message, fields = {}) {
  const line = {
    time: new Date().toISOString(),
    level,
    service: 'web',
    release: RELEASE,
    colour: COLOUR,
    message,
    ...fields,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

module.exports = { admit, retire }
