#!/bin/sh
# The upstream image's interface: options or a configuration file may stand alone; root steps down to redis.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid redis --regid redis --init-groups "$0" "$@"
fi
[ "$(umask)" = 0022 ] && umask 0077
# Upstream compiles protected mode out of its default; whoever sets it still decides.
if [ "$1" = redis-server ]; then
  case $* in
    *protected-mode*) ;;
    *)
      shift
      if [ -f "${1-}" ]; then
        configuration=$1
        shift
        grep -q '^[[:space:]]*protected-mode' "$configuration" || set -- --protected-mode no "$@"
        set -- "$configuration" "$@"
      else
        set -- --protected-mode no "$@"
      fi
      set -- redis-server "$@"
      ;;
  esac
fi
exec "$@"
