import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build as esbuild, transform } from 'esbuild'
import { markOf } from './bundle.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const dayMs = 24 * 3600 * 1000

/** Bundles a playbook and writes down what from. Undefined for a script that does not go by lib/playbook. */
export async function build({ root, path, cache, name, manifest }) {
  const began = Date.now()
  const dir = join(cache, `${name}.${process.pid}-${began}`)
  mkdirSync(dir, { recursive: true })
  try {
    const { metafile } = await esbuild(options({ root, path, dir }))
    const inputs = Object.keys(metafile.inputs).map((file) => resolve(root, file))
    if (!inputs.includes(join(root, 'lib', 'playbook', 'program.ts'))) throw new Error('no playbook')
    const bundle = { dir, entry: join(dir, 'playbook.mjs'), globals: Object.keys(createRequire(path)('zx')) }
    const watched = [...inputs, ...besides(root)]
    // A source written just now may have been read before or after that: such a bundle serves this run alone.
    if (watched.every((file) => statSync(file).ctimeMs < began - 50)) {
      const marks = Object.fromEntries(watched.map((file) => [file, markOf(file)]))
      writeFileSync(`${dir}/manifest`, JSON.stringify({ path, inputs: marks, bundle }))
      renameSync(`${dir}/manifest`, manifest)
    }
    sweep(cache, name, dir)
    return bundle
  } catch {
    rmSync(dir, { recursive: true, force: true })
    return undefined
  }
}

function options({ root, path, dir }) {
  const base = JSON.stringify(pathToFileURL(path).href)
  return {
    absWorkingDir: root,
    entryPoints: [path],
    entryNames: 'playbook',
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported lazily stays a file of its own.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    // ssh2 does without its native parts; none is built here.
    external: ['cpu-features', '*.node'],
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    sourcemap: true,
    sourcesContent: false,
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: {
      js: `import{createRequire as requireFrom}from'node:module';const require=requireFrom(${base});`,
    },
    plugins: [ownSources(root), commonJs, lazyCommonJs],
  }
}

/** Gives each source of this project its own import.meta, as it would have by itself. */
function ownSources(root) {
  return {
    name: 'own sources',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.startsWith(join(root, 'node_modules'))) return undefined
        const text = readFileSync(path, 'utf8')
        // What a file can do only by itself: import a computed name, or ask where another would be found.
        if (/\bimport\(\s*[^'"\s]|\bimport\.meta\.(?!url\b|dirname\b|filename\b)/.test(text))
          throw new Error(`${path} cannot be bundled`)
        if (!text.includes('import.meta')) return { contents: text, loader: 'ts' }
        const meta = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path }
        const { code } = await transform(text, {
          loader: 'ts',
          define: { 'import.meta': JSON.stringify(meta) },
          sourcemap: 'inline',
          sourcefile: path,
          sourcesContent: false,
          tsconfigRaw: {},
        })
        return { contents: code, loader: 'js' }
      })
    },
  }
}

/** Gives each CommonJS file of a package its own path, where it asks for it. */
const commonJs = {
  name: 'CommonJS paths',
  setup(builder) {
    builder.onLoad({ filter: /\.c?js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!/\b__(?:dirname|filename)\b/.test(text)) return undefined
      const own = `var __filename=${JSON.stringify(path)},__dirname=${JSON.stringify(dirname(path))};`
      // Behind a "use strict", which must stand first; on its line, so that line numbers stay.
      const [strict = ''] = /^\s*(['"])use strict\1;?/.exec(text) ?? []
      return { contents: `${strict}${own}${text.slice(strict.length)}`, loader: 'js' }
    })
  },
}

/**
 * A CommonJS package that is imported lazily is left to Node: as a file of its own in a bundle it would export nothing
 * but a default, and `(await import('a-package')).name` would be undefined.
 */
const lazyCommonJs = {
  name: 'CommonJS packages, imported lazily',
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === lazyCommonJs) return undefined
      const found = await builder.resolve(path, { kind, resolveDir, pluginData: lazyCommonJs })
      if (found.external || found.errors.length > 0 || isModule(found.path)) return found
      return { path: pathToFileURL(found.path).href, external: true }
    })
  },
}

/** Whether Node takes a file for an ES module: by its name, else by the nearest package.json. */
function isModule(file) {
  if (/\.m[jt]s$/.test(file)) return true
  if (/\.c[jt]s$/.test(file)) return false
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json')
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module'
  }
  return false
}

/** What else decides over a bundle: which packages are installed, and these files. */
function besides(root) {
  const installed = [join(root, 'package.json'), join(root, 'node_modules', '.package-lock.json')]
  return [...installed, ...readdirSync(here).map((file) => join(here, file))]
}

/** Removes a playbook's bundles of more than a day ago: a run under way may yet load parts of a younger one. */
function sweep(cache, name, own) {
  for (const entry of readdirSync(cache)) {
    const path = join(cache, entry)
    const old = entry.startsWith(`${name}.`) && !entry.endsWith('.json') && path !== own
    if (old && Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path, { recursive: true, force: true })
  }
}
