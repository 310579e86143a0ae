import { walPaths } from './paths.ts'

/**
 * What PostgreSQL runs in the container for each file to be archived, as sh with %p and %f: 0 once the host's archiver says that
 * S3 has just that content. It waits a while, since the archiver is usually at it, but not long: at a shutdown
 * PostgreSQL waits for it in turn. When it ends with 1, PostgreSQL keeps the file and asks again.
 */
export const archiveCommand = `#!/bin/sh
n=0
while [ "$n" -lt 40 ]; do
  if [ -e "${walPaths.done}/$2" ]; then
    sum=$(sha256sum <"$1") && [ "\${sum%% *}" = "$(cat "${walPaths.done}/$2")" ] && exit 0
  fi
  n=$((n + 1))
  sleep 0.25
done
echo "$2 is not in S3 yet: journalctl -u quayside-wal on the host tells why" >&2
exit 1
`
