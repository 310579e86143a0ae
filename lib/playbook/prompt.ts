import { exit, QuaysideError } from '../error.ts'
import { Secret } from '../secret/index.ts'

/** What a person has typed so far, or how it ended. */
export type Typed = { readonly line: string } | { readonly done: string } | 'stopped'

/** One more piece of what a terminal in raw mode sends: a key, or several when pasted. */
export function type(line: string, keys: string): Typed {
  let text = line
  for (const key of keys) {
    if (key === '\r' || key === '\n') return { done: text }
    if (key === '\x03') return 'stopped'
    if (key === '\x04') return text === '' ? 'stopped' : { done: text }
    if (key === '\x7f' || key === '\b') text = [...text].slice(0, -1).join('')
    else if (key === '\x15') text = ''
    else if (key >= ' ') text += key
  }
  return { line: text }
}

/** The terminal that a person can be asked on: both what they type and what they see must be one. */
export function terminal(): { input: NodeJS.ReadStream; output: NodeJS.WriteStream } | undefined {
  const [input, output] = [process.stdin, process.stderr]
  return input.isTTY && output.isTTY ? { input, output } : undefined
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Asks on the terminal for what nobody is to see: nothing is echoed. Several questions take turns. Ctrl-C is what it
 * is elsewhere: it interrupts the run. Throws where there is no terminal; see `terminal`.
 */
export function askSecret(question: string): Promise<Secret> {
  const answer = last.then(() => ask(question))
  last = answer.catch(() => undefined)
  return answer
}

async function ask(question: string): Promise<Secret> {
  const { input, output } = terminal() ?? {}
  if (input === undefined || output === undefined) throw new Error('no terminal to ask on')
  input.setRawMode(true) // before the question: who answers quickly is not to be echoed either
  output.write(question)
  try {
    const text = await new Promise<string>((resolve, reject) => {
      let line = ''
      const hear = (keys: string) => {
        const typed = type(line, keys)
        if (typed !== 'stopped' && 'line' in typed) {
          line = typed.line
          return
        }
        input.off('data', hear)
        if (typed !== 'stopped') return resolve(typed.done)
        process.kill(process.pid, 'SIGINT')
        reject(new QuaysideError('interrupted', { exitCode: exit.interrupted }))
      }
      input.setEncoding('utf8').on('data', hear).resume()
    })
    return new Secret(text)
  } finally {
    input.setRawMode(false)
    input.pause()
    output.write('\n')
  }
}
