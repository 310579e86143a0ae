import { raw, type Script, sh } from '../script/index.ts'
import { createArguments } from './container-argv.ts'
import type { ContainerSpec } from './container-spec.ts'

/** Fetches an image unless it is there. */
export function ensureImage(image: string): Script {
  return sh`docker image inspect -f x ${image} >/dev/null 2>&1 || docker pull -q ${image} >/dev/null`
}

/**
 * Puts a new container in the place of the one of this name, if there is one. The new one is created first, so
 * that an image or an option that docker refuses leaves the old one running.
 */
export function replaceContainer(name: string, spec: ContainerSpec): Script {
  const fresh = `${name}.quayside-new`
  return sh`${ensureImage(spec.image)}
docker rm -f ${fresh} >/dev/null 2>&1 || :
docker create ${interval(spec.health)}${createArguments(fresh, spec, 'left out')} >/dev/null
${removeContainer(name, spec.stopTimeoutSeconds ?? 10)}
docker rename ${fresh} ${name}
docker start ${name} >/dev/null`
}

/** Stops and removes a container, if it is there; what it wrote to volumes stays. */
export function removeContainer(name: string, stopTimeoutSeconds: number): Script {
  return sh`if docker container inspect -f x ${name} >/dev/null 2>&1; then
  docker stop -t ${stopTimeoutSeconds} ${name} >/dev/null || :
  docker rm -f ${name} >/dev/null
fi`
}

const state =
  '{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'

/**
 * Waits until a container is healthy; one without a health check must have run for a second, or longer the more often
 * it was restarted. Fails when it turns unhealthy, has ended or was restarted five times, or after so many seconds, with
 * the last lines of its log on stderr.
 */
export function awaitHealthy(name: string, seconds: number): Script {
  return sh`n=0 same=0 before= began=
while :; do
  state=$(docker container inspect -f ${state} ${name}) || exit 1
  [ "$state" = "$before" ] && same=$((same + 1)) || same=0
  before=$state failed=
  set -- $state
  case $state in
    'running '*' healthy') break ;;
    'running '*' none') [ $same -lt $((2 + 4 * $2)) ] || break ;;
    *' starting') began=yes ;;
    'running '*' unhealthy') failed=$began ;;
    exited* | dead*) failed=yes ;;
  esac
  if [ -n "$failed" ] || [ $2 -ge 5 ] || [ $n -ge ${seconds * 2} ]; then
    echo ${`container ${name} is not healthy`}" after $((n / 2)) s: $1, restarts: $2, health: $3; its last lines:" >&2
    docker logs --tail 20 ${name} >&2 2>&1
    exit 1
  fi
  n=$((n + 1))
  sleep 0.5
done`
}

/** seconds between two questions to a container that starts, of an engine that knows one interval alone */
const interim = 10

/**
 * How often docker is to ask: as the spec says, and each second while the container starts, where client and engine agree
 * on an API that has this (1.44, Docker 25). Others begin to ask after the interval, so that a long one would make every
 * start as long. Docker's own help would say so as well, and starts all of its plugins first.
 */
function interval(check: ContainerSpec['health']): Script {
  if (typeof check !== 'object') return raw('')
  const { intervalSeconds, startPeriodSeconds } = check
  const every = (seconds: number | undefined) =>
    seconds === undefined ? '' : ` --health-interval=${seconds}s`
  if (startPeriodSeconds === undefined) return raw(`${every(intervalSeconds)} `)
  const old = intervalSeconds === undefined ? undefined : Math.min(intervalSeconds, interim)
  return raw(
    `$(case $(docker version -f "{{.Client.APIVersion}}") in (1.4[4-9] | 1.[5-9]?) echo --health-start-interval=1s${every(intervalSeconds)} ;; (*) echo${every(old)} ;; esac) `,
  )
}
