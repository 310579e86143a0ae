import { type Script, sh } from '../../lib/script/index.ts'

/**
 * Has nginx read its configuration anew, and waits until it serves by it: workers of the old one take no connection any more.
 * `-s reload` alone only sends a signal: what comes within the next moment is served as before, and a master that cannot use
 * the new configuration after all (a port is taken) goes on with the old one and tells its log alone. Leaves the running
 * configuration alone if nginx finds the new one wrong. Fails after ten seconds.
 */
export function reloadNginx(config: string): Script {
  return sh`docker exec nginx sh -c ${inContainer} reload ${config} || {
  docker logs --tail 20 nginx 2>&1 >/dev/null | tail -n 3 >&2
  exit 1
}
`
}

// A worker that ends says so in its title.
const inContainer = `
serving() {
  for each in $(grep -ls '^nginx: worker process' /proc/[0-9]*/cmdline); do
    grep -qs 'shutting down' "$each" || printf '%s ' "$each"
  done
}
old=$(serving)
nginx -e stderr -c "$1" -s reload || exit 1
tried=0
while [ "$tried" -lt 100 ]; do
  now=" $(serving)"
  left=
  for each in $old; do
    case "$now" in *" $each "*) left=$each ;; esac
  done
  [ -n "$left" ] || exit 0
  tried=$((tried + 1))
  sleep 0.1
done
echo 'nginx goes on with its old configuration; the end of its log:' >&2
exit 1
`
