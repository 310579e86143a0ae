import { type Script, sh } from '../script/index.ts'
import { awaitHealthy } from './container-script.ts'
import { dockerName } from './docker.ts'
import { unitName } from './service.ts'

/** Restarts a systemd unit, with the last lines of its log where that fails. */
export function restartService(unit: string): Script {
  return unitCommand('restart', unit)
}

/** Lets a systemd unit read its configuration anew; one that does not run is started. */
export function reloadService(unit: string): Script {
  return unitCommand('reload-or-restart', unit)
}

/** Restarts a container and waits until it is healthy. */
export function restartContainer(name: string, waitHealthySeconds = 60): Script {
  return sh`set -e
docker restart ${dockerName(name, 'name of a container')} >/dev/null
${awaitHealthy(name, waitHealthySeconds)}
`
}

/** Sends a signal to a container's first process: HUP makes nginx read its configuration anew. */
export function signalContainer(name: string, signal: string): Script {
  return sh`docker kill -s ${signal} ${dockerName(name, 'name of a container')} >/dev/null
`
}

function unitCommand(verb: string, unit: string): Script {
  return sh`systemctl daemon-reload || exit 1
systemctl ${verb} -- ${unitName(unit)} || { journalctl -q -n 20 --no-pager -o cat -u ${unit} >&2; exit 1; }
`
}
