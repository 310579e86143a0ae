// `node settle.mjs .next`: makes of a build the same build each time. Next draws keys by chance, anew in every build: for
// the preview of drafts, and for what server actions enclose. This app has neither, so that nothing is lost without them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const dist = process.argv[2]

// Half of a surrogate pair: whoever sends this identity turns drafts on, and no header or cookie can hold it. The keys are
// asked for only after that.
const nobody = { previewModeId: '\ud800', previewModeSigningKey: '', previewModeEncryptionKey: '' }

const drawn = JSON.parse(readFileSync(join(dist, 'prerender-manifest.json'), 'utf8')).preview
const actions = JSON.parse(readFileSync(join(dist, 'server/server-reference-manifest.json'), 'utf8'))
const hasActions = Object.keys(actions.node).length + Object.keys(actions.edge).length > 0
if (hasActions)
  console.warn('this app has server actions: their key stays, and no build is the same as another')

const replaced = new Map(Object.entries(drawn).map(([name, value]) => [value, nobody[name]]))
if (!hasActions) replaced.set(actions.encryptionKey, '')

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(json|js)$/.test(entry.name)) continue
  const path = join(entry.path, entry.name)
  const before = readFileSync(path, 'utf8')
  let after = before
  for (const [value, instead] of replaced)
    after = after.replaceAll(value, JSON.stringify(instead).slice(1, -1))
  if (after !== before) writeFileSync(path, after)
}
