#!/bin/bash
# The upstream image's interface: POSTGRES_USER, _PASSWORD, _DB (or _FILE of each), _INITDB_ARGS,
# _HOST_AUTH_METHOD, PGDATA, /docker-entrypoint-initdb.d. Starts as root or as any user.
set -Eeo pipefail

from_file() {
  local name=$1 file="$1_FILE"
  if [ -n "${!name}" ] && [ -n "${!file}" ]; then
    echo "error: both $name and $file are set" >&2
    exit 1
  fi
  if [ -n "${!file}" ]; then
    export "$name"="$(< "${!file}")"
  fi
  unset "$file"
}

[ "${1:0:1}" = '-' ] && set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
for argument; do
  case $argument in -'?' | --help | --describe-config | -V | --version) exec "$@" ;; esac
done

mkdir -p "$PGDATA"
chmod 00700 "$PGDATA" || true
mkdir -p /var/run/postgresql
chmod 03775 /var/run/postgresql || true

if [ "$(id -u)" = 0 ]; then
  find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
  find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
  exec setpriv --reuid postgres --regid postgres --init-groups "$BASH_SOURCE" "$@"
fi

if [ -s "$PGDATA/PG_VERSION" ]; then
  exec "$@"
fi

from_file POSTGRES_PASSWORD
from_file POSTGRES_USER
from_file POSTGRES_DB
from_file POSTGRES_INITDB_ARGS
: "${POSTGRES_USER:=postgres}" "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
  echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
  echo '       Set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE to a non-empty value.' >&2
  exit 1
fi

eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"
printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >> "$PGDATA/pg_hba.conf"

# The server that runs the scripts has the caller's options, but no network.
options=$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)
PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -w start -o "$options"
export PGPASSWORD=$POSTGRES_PASSWORD
sql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password)
if [ "$POSTGRES_DB" != postgres ]; then
  "${sql[@]}" --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
fi
sql+=(--dbname "$POSTGRES_DB")
for file in /docker-entrypoint-initdb.d/*; do
  case $file in
    *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
    *.sql) "${sql[@]}" -f "$file" ;;
    *.sql.gz) gunzip -c "$file" | "${sql[@]}" ;;
    *.sql.zst) zstd -dc "$file" | "${sql[@]}" ;;
  esac
done
PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
unset PGPASSWORD POSTGRES_PASSWORD
printf '\nPostgreSQL init process complete; ready for start up.\n\n'
exec "$@"
