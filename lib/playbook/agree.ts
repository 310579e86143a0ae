import { createInterface } from 'node:readline/promises'
import { answerOf } from './confirm.ts'
import { terminal } from './prompt.ts'

/**
 * Whether a person at the terminal says yes; undefined where there is none to ask. Nothing typed is no. Throws when
 * `signal` is aborted meanwhile.
 */
export async function agreed(question: string, signal?: AbortSignal): Promise<boolean | undefined> {
  const at = terminal()
  if (at === undefined) return undefined
  const reader = createInterface(at)
  // Ctrl-C at the question is Ctrl-C to the run.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    for (;;) {
      const answer = answerOf(
        await reader.question(`${question} (y)es, (n)o [n] `, signal === undefined ? {} : { signal }),
      )
      if (answer === 'yes' || answer === 'no') return answer === 'yes'
    }
  } finally {
    reader.close()
  }
}
