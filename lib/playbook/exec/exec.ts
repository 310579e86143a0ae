import { pipeline } from 'node:stream/promises'
import { QuaysideError } from '../../error.ts'
import { sh } from '../../script/index.ts'
import type { Run } from '../playbook.ts'
import { placeOf } from './place.ts'
import { demandCommand } from './words.ts'

/**
 * exec.ts: runs a command in a container, with its output as it comes, and without a terminal or input. Throws with the
 * command's own exit code where that is not 0.
 */
export async function execute(run: Run): Promise<void> {
  const { service, words } = demandCommand(run.args)
  const { host, container } = await placeOf(run, service)
  const where = `${container} on ${host.name}`
  if (run.check) {
    run.emit({ type: 'step', text: `would run ${words.join(' ')} in ${where}` })
    return
  }
  run.emit({ type: 'note', text: `in ${where}` })
  const { connection } = await run.fleet.session(host)
  const running = await connection.start(sh`docker exec ${container} ${words}`, {
    title: words[0] ?? '',
    signal: run.signal,
  })
  running.stdin.end()
  await pipeline(running.stdout, process.stdout, { end: false })
  const { code, stderr } = await running.ended
  if (stderr !== '') process.stderr.write(stderr)
  if (code !== 0)
    throw new QuaysideError(`${words[0]} ended with code ${code} in ${where}`, { exitCode: code })
}
