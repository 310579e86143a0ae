import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../lib/error.ts'
import { program } from '../lib/playbook/index.ts'
import { written } from '../stack/written.ts'

await program(import.meta, {
  about:
    'Write the files of compose/ and kubernetes/ from the model in stack/; npm run check says when they have drifted',
  example: 'npm run compose',
  async run({ args, print }) {
    const [word] = args.positionals
    if (word !== undefined) throw new UsageError(`what is "${word}"?`, 'compose.ts takes flags alone')
    const root = fileURLToPath(new URL('..', import.meta.url))
    let changed = 0
    for (const [file, text] of written.files) {
      const path = join(root, file)
      if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
      print(`wrote ${file}`)
      changed += 1
    }
    if (changed === 0) print(`${written.files.size} files are as the model says`)
    return 0
  },
})
