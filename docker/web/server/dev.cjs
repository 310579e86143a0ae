// What runs in the development image: Next's own development server in this very process, so that the inspector that
// node was started with is the server's. `next dev` would fork another one and give that the next port.

const path = require('node:path')
const { startServer } = require('next/dist/server/lib/start-server')
const { takeInHand } = require('./take-in-hand.cjs')

const root = path.join(__dirname, '..')
process.chdir(root)
takeInHand()

startServer({
  dir: root,
  isDev: true,
  hostname: process.env.HOSTNAME || '0.0.0.0',
  port: Number(process.env.PORT || 3000),
  allowRetry: false,
  keepAliveTimeout: Number(process.env.KEEP_ALIVE_TIMEOUT || 0) || undefined,
})
