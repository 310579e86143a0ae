import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../error.ts'
import { scratch } from './scratch.ts'

export interface EditOptions {
  /** what the editor shows as the file's name: "secrets.yaml" */
  readonly name: string
  /** throws for a text that must not be kept */
  readonly validate: (text: string) => void
  /** told of the mistake: true opens the editor again on the same text */
  readonly again: (mistake: unknown) => Promise<boolean>
  readonly say: (line: string) => void
  /** aborted by Ctrl-C: the editor is ended, and nothing is kept */
  readonly signal: AbortSignal
}

/**
 * Lets the person edit a text, and gives it back valid; undefined when it was left as it was. The text is in a folder
 * of its own (in memory where that is possible) for as long as the editor runs, and overwritten and removed after.
 */
export async function edit(text: string, options: EditOptions): Promise<string | undefined> {
  const place = scratch()
  try {
    if (!place.inMemory)
      options.say(
        `this machine has no file system in memory: ${place.folder} is overwritten when you are done`,
      )
    const path = join(place.folder, options.name)
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
    for (;;) {
      await runEditor(path, options.signal)
      const edited = readFileSync(path, 'utf8')
      if (edited === text) return undefined
      try {
        options.validate(edited)
        return edited
      } catch (mistake) {
        if (!(await options.again(mistake))) throw mistake
      }
    }
  } finally {
    place.wipe()
  }
}

/** $VISUAL, $EDITOR or vi, as git runs it: words for a shell, the path behind them. */
async function runEditor(path: string, signal: AbortSignal): Promise<void> {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi'
  signal.throwIfAborted()
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  const how = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, killed) => resolve(code === 0 ? '' : `ended with ${code ?? killed}`))
  })
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (how !== '') throw new UsageError(`the editor (${editor}) ${how}: nothing was changed`, 'set EDITOR')
}
