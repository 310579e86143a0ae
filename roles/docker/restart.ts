import { restartService } from '../../lib/resource/index.ts'
import { type Script, sh } from '../../lib/script/index.ts'
import { ifStartedBefore } from '../started-before.ts'
import { daemonJsonPath } from './daemon-json.ts'

/**
 * Restarts the engine so that it reads daemon.json. It is told of live-restore by a reload first, so that the restart
 * which introduces it keeps the containers, too; it must have taken it in before it is stopped.
 */
export function restartDocker(liveRestore: boolean): Script {
  const reload = sh`if systemctl -q is-active docker; then
  systemctl reload docker
  n=0
  until [ "$(docker info -f '{{.LiveRestoreEnabled}}')" = true ] || [ $n -ge 20 ]; do n=$((n + 1)); sleep 0.25; done
fi
`
  const started = sh`systemctl show --timestamp=unix -p ActiveEnterTimestamp --value docker`
  // Three starts within a minute are systemd's limit; the package's own start was one.
  const restart = sh`${liveRestore ? reload : sh``}systemctl reset-failed docker 2>/dev/null || :
${restartService('docker')}`
  return ifStartedBefore(daemonJsonPath, started, restart)
}
