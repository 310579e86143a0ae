#!/bin/sh
# The upstream image's interface: scripts in /docker-entrypoint.d, templates in /etc/nginx/templates.
set -e
if [ "$1" = nginx ]; then
  for script in /docker-entrypoint.d/*.sh; do
    if [ -x "$script" ]; then "$script"; fi
  done
  variables=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    if [ -f "$template" ]; then
      envsubst "$variables" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
    fi
  done
fi
exec "$@"
