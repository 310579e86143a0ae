#!/bin/sh
# Turns the Debian base into the lab's host image. Runs as root in a container of the base;
# rootfs/ was copied over it before, and the machine's CA bundle to /tmp/ca.crt if it has one.
set -eu
export DEBIAN_FRONTEND=noninteractive

apt-get update -q
apt-get install -yq --no-install-recommends -o Dpkg::Options::=--force-confold \
  systemd systemd-sysv dbus openssh-server sudo iproute2 ca-certificates curl procps iptables cron

# Docker stays out, and what backups pack and logs are sent with: roles have to install it. The packages wait in apt's cache, so that is quick.
apt-get install -yq --download-only docker.io docker-cli docker-compose docker-buildx docker-registry zstd age \
  rsyslog rsyslog-relp

if [ -e /tmp/ca.crt ]; then
  mv /tmp/ca.crt /usr/local/share/ca-certificates/lab.crt
  chmod 644 /usr/local/share/ca-certificates/lab.crt
  update-ca-certificates
fi

useradd --create-home --shell /bin/bash deploy
chown -R root:root /etc/ssh /etc/sudoers.d /etc/systemd/system /usr/local/sbin
chmod 440 /etc/sudoers.d/deploy
rm -f /etc/ssh/ssh_host_*

# Modules are the machine's to load, consoles do not exist, and apt's timers would hold its lock in tests.
systemctl mask systemd-modules-load.service systemd-logind.service console-getty.service getty.target \
  sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount
systemctl disable apt-daily.timer apt-daily-upgrade.timer

# A machine id is made at first boot.
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id
