import { hosts } from '../../lib/lab/topology.ts'
import { onHost } from './lab-host.ts'

/**
 * Everything of a host that a playbook could change: files with their content, packages, units, containers. What a log
 * collector notes as it runs is its own.
 */
const own = `! -path '/var/lib/quayside/log-collector/*'`
const look = `
find /etc /var/lib/quayside /root /usr/local -xdev -type f ${own} ! -name 'ld.so.cache' -printf '%p %m %U %G %s\\n' 2>/dev/null | sort
find /etc /var/lib/quayside /root /usr/local -xdev -type f ${own} ! -name 'ld.so.cache' -exec sha256sum {} + 2>/dev/null | sort
find /etc /var/lib/quayside -xdev ! -type f ${own} -printf '%p %y %m %U %G %l\\n' 2>/dev/null | sort
dpkg-query -W
systemctl list-unit-files --no-legend | sort
if command -v docker >/dev/null; then
  docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.Image}} {{.State}}' | sort
  docker network ls -q --no-trunc | sort; docker volume ls -q | sort; docker image ls -q --no-trunc | sort
fi
cat /etc/passwd /etc/group`

/** The same text for every host of the lab as long as nothing on it has changed. */
export function lookAtAll(): Promise<readonly string[]> {
  return Promise.all(hosts.map(async ({ name }) => `${name}\n${await onHost(name, look)}`))
}
