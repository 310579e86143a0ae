import { createRequire } from 'node:module'

/** Gives a script zx's globals, as the zx command does; zx is loaded (60 ms) when the first of them is used. */
export function lazyGlobals(names) {
  const own = names.filter((name) => name !== 'default' && !(name in globalThis))
  const settle = () => {
    for (const name of own) delete globalThis[name]
    const zx = createRequire(import.meta.url)('zx/globals')
    globalThis.updateArgv?.(process.argv.slice(3))
    return zx
  }
  for (const name of own) {
    const set = (value) =>
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: true })
    const get = () => {
      settle()
      return globalThis[name]
    }
    Object.defineProperty(globalThis, name, { configurable: true, get, set })
  }
}
