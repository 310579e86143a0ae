#!/bin/sh
# Installs what the benchmark compares with and runs on, from Debian's own packages; starts no service.
set -e
[ "$(id -u)" = 0 ] || { echo 'bench/setup.sh: run it as root' >&2; exit 1; }
kept=no
[ ! -e /usr/sbin/policy-rc.d ] || kept=yes
if [ $kept = no ]; then
  # An sshd on port 22 is nothing that a benchmark should leave behind.
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends \
  openssh-server openssh-client ansible-core ansible-mitogen python3-apt cron
