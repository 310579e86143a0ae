// What runs in the container: Next's own standalone server, with its life taken in hand.

const { takeInHand } = require('./take-in-hand.cjs')

takeInHand()
require('../server.js')
