// Next on Node 18 calls server.close() at SIGTERM, which waits for idle kept-alive connections: with nginx in front the
// process hangs until it is killed. Nor has it a hook for a header on every response.

const http = require('node:http')
const { admit, retire } = require('./life.cjs')

/** Makes the next server that is created, Next's front door, one that tells of its requests and ends well. */
function takeInHand() {
  process.env.NEXT_MANUAL_SIG_HANDLE = 'true'
  const createServer = http.createServer
  http.createServer = (...args) => {
    http.createServer = createServer
    const server = createServer(...args)
    server.prependListener('request', admit)
    process.once('SIGTERM', () => retire(server))
    process.once('SIGINT', () => retire(server))
    return server
  }
}

module.exports = { takeInHand }
