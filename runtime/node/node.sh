#!/bin/sh
# npx puts node_modules/.bin first in PATH, so zx's `#!/usr/bin/env node` finds this file.
# It hands over to the real node, which for zx alone starts with launch.mjs: no NODE_OPTIONS, so no child inherits it.
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
real=
IFS=:
for dir in $PATH; do
  candidate=$dir/node
  [ -x "$candidate" ] || continue
  # This file by its link, or another checkout's.
  case $(readlink -f -- "$candidate") in */node.sh) continue ;; esac
  real=$candidate
  break
done
unset IFS
[ -n "$real" ] || { echo "node: not found in PATH" >&2; exit 127; }
# Older versions of Node warn that the cryptography of age keys is experimental, which is nothing that a person could act on.
case $1 in
  */zx) exec "$real" --disable-warning=ExperimentalWarning "$here/launch.mjs" "$@" ;;
  *) exec "$real" "$@" ;;
esac
