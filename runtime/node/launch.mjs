// Runs `zx playbook.ts …` on Node: the playbook as one bundle when it can be had, else zx itself, taught TypeScript.
// Arguments: zx's own path, and the words that were meant for zx.
import { realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { bundleOf } from './bundle.mjs'
import { lazyGlobals } from './globals.mjs'
import { mapStacks } from './stack.mjs'

process.argv.splice(1, 1) // as zx would find it
const [, zx, script] = process.argv

const bundle = /\.[cm]?ts$/.test(script ?? '') ? await bundleOf(script) : undefined
if (bundle === undefined) {
  if (!process.features.typescript || !knowsUsing()) (await import('tsx/esm/api')).register()
  await import(pathToFileURL(realpathSync(zx)).href)
} else {
  mapStacks(bundle.dir)
  lazyGlobals(bundle.globals)
  await import(pathToFileURL(bundle.entry).href)
}

/** Node 22 strips types, but V8's parser of that time does not know `using`, which is more than a type. */
function knowsUsing() {
  try {
    return new Function('{ using nothing = null }') !== undefined
  } catch {
    return false
  }
}
