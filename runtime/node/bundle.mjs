import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))
const cache = join(root, 'node_modules', '.cache', 'quayside')

/**
 * A playbook and all that it imports as a few JavaScript files, made anew when any of its sources has changed: finding,
 * stripping and linking 250 small files takes longer than most runs. Undefined where it cannot be had (a script that is
 * no playbook of this project, a syntax error, a read-only folder): zx then runs the script itself.
 */
export async function bundleOf(script) {
  try {
    const path = realpathSync(script)
    if (!path.startsWith(`${root}/`) || process.env.QUAYSIDE_BUNDLE === 'off') return undefined
    const name = `${path.slice(-150).replaceAll(/[^\w.-]/g, '+')}.node-${process.versions.node}`
    const at = { root, path, cache, name, manifest: join(cache, `${name}.json`) }
    return current(at) ?? (await (await import('./build.mjs')).build(at))
  } catch {
    return undefined
  }
}

/** What the manifest names, if it is this playbook's, and every source is the very file that it was made from. */
function current({ path, manifest }) {
  try {
    const kept = JSON.parse(readFileSync(manifest, 'utf8'))
    if (kept.path !== path) return undefined
    for (const [file, mark] of Object.entries(kept.inputs)) if (markOf(file) !== mark) return undefined
    return kept.bundle
  } catch {
    return undefined
  }
}

/** Differs after every write, replacement or touch of a file: its ctime is the kernel's, and cannot be set back. */
export function markOf(file) {
  const { ino, size, ctimeMs, mtimeMs } = statSync(file)
  return `${ino} ${size} ${ctimeMs} ${mtimeMs}`
}
