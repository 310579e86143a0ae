#!/bin/sh
# Starts nginx with its own names: nginx.conf cannot read the environment. Both are names and URLs that env.ts checks.
set -eu
umask 077
sed -e "s|@SERVER_NAME@|$SERVER_NAME|g" -e "s|@PUBLIC_URL@|$PUBLIC_URL|g" /etc/agentlab/nginx/nginx.conf >/tmp/nginx.conf
exec /docker-entrypoint.sh nginx -c /tmp/nginx.conf "$@"
