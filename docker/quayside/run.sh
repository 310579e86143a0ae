#!/bin/sh
# backup.ts list --env production: the first word is a playbook's name.
set -eu
name=${1-}
[ $# -eq 0 ] || shift
playbook=/quayside/playbooks/${name%.ts}.ts
case $name in
  '' | */*) known=no ;;
  *) [ -f "$playbook" ] && known=yes || known=no ;;
esac
if [ "$known" = no ]; then
  echo "error: ${name:+there is no playbook \"$name\": }the first word is one of" >&2
  (cd /quayside/playbooks && ls) >&2
  exit 2
fi
exec /quayside/zx "$playbook" "$@"
