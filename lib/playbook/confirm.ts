import { createInterface } from 'node:readline/promises'
import type { Answer, Course } from '../engine/course.ts'
import { UsageError } from '../error.ts'

/** What a person's line means; undefined when it has to be asked again. Nothing typed is no. */
export function answerOf(line: string): Answer | undefined {
  const word = line.trim().toLowerCase()
  if (word === '') return 'no'
  return (['yes', 'no', 'all'] as const).find((answer) => answer === word || answer[0] === word)
}

/** Asks a person at the terminal before each change. Throws a UsageError where there is none to ask. */
export function confirmAtTerminal(): NonNullable<Course['confirm']> {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) throw new UsageError('--step asks a person: it needs a terminal')
  return async (host, id, change) => {
    const reader = createInterface({ input: stdin, output: stdout })
    // Ctrl-C at the question is Ctrl-C to the run.
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    try {
      if (change.diff !== undefined) stdout.write(`${change.diff}\n`)
      for (;;) {
        const line = await reader.question(
          `${host}: ${id}: ${change.summary}? (y)es, (n)o, (a)ll of ${host} [n] `,
        )
        const answer = answerOf(line)
        if (answer !== undefined) return answer
      }
    } finally {
      reader.close()
    }
  }
}
