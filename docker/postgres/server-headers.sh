#!/bin/sh
# A compiler, curl, and the headers of the very server that is in this image.
set -eu

if command -v apk >/dev/null; then
  # The Alpine image is built from source, and has its headers.
  exec apk add --no-cache curl gcc make musl-dev
fi

apt-get update
apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev make

# In the Debian image the server is a package of PostgreSQL's own archive, which keeps older minor versions elsewhere.
pgdg=/etc/apt/sources.list.d/pgdg.list
if [ -f "$pgdg" ]; then
  sed -E 's#https?://apt\.postgresql\.org/#https://apt-archive.postgresql.org/#; s#(-pgdg) .*#\1-archive main#' \
    "$pgdg" > "${pgdg%.list}-archive.list"
  apt-get update
fi

# Unpacked, not installed: the package would bring a whole LLVM along, for bitcode that nothing uses.
major=${PG_MAJOR:-15}
package="postgresql-server-dev-$major"
cd /tmp
apt-get download "$package=$(dpkg-query --show --showformat '${Version}' "postgresql-$major")"
dpkg -x "$package"_*.deb /
