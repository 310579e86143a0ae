import { ask, edgePorts, labCa } from './traffic.ts'

/** The release that both edges serve, asked as a client asks; throws when they differ. */
export async function liveRelease(): Promise<string> {
  const answers = await Promise.all(edgePorts.map((port) => ask(false, port, 'GET', '/api/version', labCa())))
  const releases = new Set(answers.map((answer) => answer.release ?? `HTTP ${answer.status}`))
  const [release] = releases
  if (releases.size !== 1 || release === undefined)
    throw new Error(`the edges serve ${[...releases].join(' and ')}`)
  return release
}
