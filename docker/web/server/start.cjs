// What runs in the container: Next's own standalone server, with its life taken in hand.
//
// Next on Node 18 calls server.close() at SIGTERM, which waits for idle kept-alive connections: with nginx in front
// the process hangs until it is killed. Nor has it a hook for a header on every response.

const http = require('node:http')
const { admit, retire } = require('./life.cjs')

process.env.NEXT_MANUAL_SIG_HANDLE = 'true'

const createServer = http.createServer
http.createServer = (...args) => {
  http.createServer = createServer // the first is Next's front door
  const server = createServer(...args)
  server.prependListener('request', admit)
  process.once('SIGTERM', () => retire(server))
  process.once('SIGINT', () => retire(server))
  return server
}

require('../server.js')
