#!/bin/sh
# Starts Redis with three quarters of the container's memory for data: a snapshot and the clients need the rest.
# The password goes into a file in memory that only redis reads, never into an argument.
set -eu
umask 077

limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)
case $limit in
  max | ????????????????*) limit=536870912 ;;
esac

{
  cat /etc/agentlab/redis/redis.conf
  echo "maxmemory $((limit / 4 * 3))"
  printf 'requirepass "%s"\n' "$(sed 's/[\\"]/\\&/g' /run/secrets/redis_password)"
} >/tmp/redis.conf
exec docker-entrypoint.sh redis-server /tmp/redis.conf "$@"
