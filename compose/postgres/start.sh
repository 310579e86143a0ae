#!/bin/sh
# Starts PostgreSQL with settings for the memory and the processors that its container may use. The rules are those of
# roles/postgres-pgvector/tuning.ts, and a test holds both to the same answers. Options given after the command win.
# To look at them: sh start.sh settings MEMORY_MB PROCESSORS MAX_CONNECTIONS
set -eu

clamp() {
  if [ "$1" -lt "$2" ]; then echo "$2"; elif [ "$1" -gt "$3" ]; then echo "$3"; else echo "$1"; fi
}

settings() {
  memory=$1 processors=$2 connections=$3
  shared=$(clamp $((memory / 4)) 64 16384)
  half=$(clamp $((processors / 2)) 1 4)
  workers=$(clamp "$processors" 2 32)
  echo "max_connections=$connections"
  echo "shared_buffers=${shared}MB"
  echo "effective_cache_size=$((memory * 3 / 4))MB"
  echo "maintenance_work_mem=$(clamp $((memory / 8)) 32 4096)MB"
  echo "work_mem=$(clamp $(((memory - shared) * 1024 / (connections * 3))) 1024 65536)kB"
  echo "max_wal_size=$(clamp "$memory" 512 8192)MB"
  echo "max_worker_processes=$((workers + 6))"
  echo "max_parallel_workers=$workers"
  echo "max_parallel_workers_per_gather=$half"
  echo "max_parallel_maintenance_workers=$half"
}

# In MB: the container's limit (cgroup 2, then 1), or half of the machine's where there is none.
memory() {
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)
  machine=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 1024))
  case $limit in
    max | ????????????????*) clamp $((machine / 2)) 256 65536 ;;
    *) clamp $((limit / 1048576)) 64 "$machine" ;;
  esac
}

# Whole processors: the container's share, rounded up, or all of the machine's.
processors() {
  if [ -r /sys/fs/cgroup/cpu.max ]; then
    read -r quota period </sys/fs/cgroup/cpu.max
  else
    quota=$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || echo max)
    period=$(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us 2>/dev/null || echo 100000)
  fi
  case $quota in
    max | -1) nproc ;;
    *) echo $(((quota + period - 1) / period)) ;;
  esac
}

if [ "${1-}" = settings ]; then
  shift
  settings "$@"
  exit
fi

[ "$1" = postgres ] || exec docker-entrypoint.sh "$@"
shift
for each in $(settings "$(memory)" "$(processors)" "${MAX_CONNECTIONS:-100}"); do
  set -- -c "$each" "$@"
done
exec docker-entrypoint.sh postgres -c config_file=/etc/agentlab/postgres/postgresql.conf "$@"
