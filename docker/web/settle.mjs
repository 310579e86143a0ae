// `node settle.mjs .next`: makes of a build the same build each time. Next draws keys by chance, anew in every build: for
// the preview of drafts, and for what server actions enclose. This app has neither, so that nothing is lost without them.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const dist = process.argv[2]
const read = (name) => JSON.parse(readFileSync(join(dist, name), 'utf8'))

// Half of a surrogate pair: whoever sends this identity turns drafts on, and no header or cookie can hold it. The keys are
// asked for only after that.
const nobody = { previewModeId: '\ud800', previewModeSigningKey: '', previewModeEncryptionKey: '' }

const drawn = read('prerender-manifest.json').preview
const actions = read('server/server-reference-manifest.json')
const hasActions = Object.keys(actions.node).length + Object.keys(actions.edge).length > 0
if (hasActions)
  console.warn('this app has server actions: their key stays, and no build is the same as another')

const replaced = new Map(Object.entries(drawn).map(([name, value]) => [value, nobody[name]]))
if (!hasActions) replaced.set(actions.encryptionKey, '')

// Names alone: Node 18.17 forgets most entries where it is asked for their types too.
for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (!/\.(json|js)$/.test(name) || !statSync(path).isFile()) continue
  const before = readFileSync(path, 'utf8')
  let after = before
  for (const [value, instead] of replaced)
    after = after.replaceAll(value, JSON.stringify(instead).slice(1, -1))
  if (after !== before) writeFileSync(path, after)
}

// Pages stand in it in the order in which they happened to be compiled.
const pages = 'server/app-paths-manifest.json'
const sorted = Object.entries(read(pages)).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(join(dist, pages), JSON.stringify(Object.fromEntries(sorted), null, 2))
