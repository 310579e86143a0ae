import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Makes stack traces name the TypeScript sources of a bundle; its maps are read when a stack is first looked at. */
export function mapStacks(dir) {
  const maps = new Map()
  const mapOf = (file) => {
    if (!maps.has(file)) maps.set(file, read(file))
    return maps.get(file)
  }
  Error.prepareStackTrace = (error, sites) => {
    const lines = sites.map((site) => {
      const text = String(site)
      const url = site.getFileName() ?? ''
      const file = url.startsWith('file:') ? fileURLToPath(url) : url
      const origin = file.startsWith(dir)
        ? mapOf(file)?.findEntry(site.getLineNumber() - 1, site.getColumnNumber() - 1)
        : undefined
      if (origin?.originalSource === undefined) return text
      const place = `${resolve(dirname(file), origin.originalSource)}:${origin.originalLine + 1}:${origin.originalColumn + 1}`
      return text.includes(url) ? text.replace(/(file:|\/)[^()]*:\d+:\d+/, place) : text
    })
    const head = Error.prototype.toString.call(error)
    return [head, ...lines.map((line) => `    at ${line}`)].join('\n')
  }
}

function read(file) {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return undefined
  }
}
