import { restartContainer } from '../lib/resource/index.ts'
import { type Script, sh } from '../lib/script/index.ts'

/**
 * Runs a restart if what is to be restarted was started before its configuration was written. One that was started
 * since, as on a new host, has read it already and is left alone. `started` prints a time that date -d reads.
 */
export function ifStartedBefore(path: string, started: Script, restart: Script): Script {
  return sh`started=$(date -d "$(${started})" +%s)
if [ "$started" -le "$(stat -c %Y -- ${path})" ]; then
${restart}fi
`
}

/** Restarts a container that was started before a file was written, and waits until it is healthy. */
export function restartStale(name: string, path: string, waitHealthySeconds: number): Script {
  const started = sh`docker inspect -f '{{.State.StartedAt}}' ${name}`
  return ifStartedBefore(path, started, restartContainer(name, waitHealthySeconds))
}
