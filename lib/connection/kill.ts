/**
 * A script that ends the process `pid` and all that descends from it: each is stopped as it is found, so that none
 * forks away meanwhile, then all get TERM, and after two seconds KILL. (A process group won't do: a service that a
 * script starts may make its own, and under sudo the group may not be ours.) Its parent is woken at last: a sudo whose
 * child was stopped stops itself, and would stay so for good. Reads /proc, or asks ps without it.
 */
export function killTree(pid: number): string {
  return `
newline='
'
look() {
  table=
  if [ ! -r /proc/self/stat ]; then
    table=$(ps -A -o pid= -o ppid= | while read -r pid parent; do echo "$pid:$parent"; done)
    return
  fi
  stats=$(cat /proc/[0-9]*/stat 2>/dev/null)
  set -f
  IFS=$newline
  for line in $stats; do
    rest=\${line##*) }
    rest=\${rest#* }
    table="$table \${line%% *}:\${rest%% *}"
  done
  unset IFS
  set +f
}
kill -STOP ${pid} 2>/dev/null || exit 0
doomed=' ${pid} '
found=1
while [ "$found" ]; do
  found=
  look
  again=1
  while [ "$again" ]; do
    again=
    for each in $table; do
      case $doomed in *" \${each%:*} "*) continue ;; esac
      case $doomed in *" \${each#*:} "*) ;; *) continue ;; esac
      kill -STOP "\${each%:*}" 2>/dev/null
      doomed="$doomed\${each%:*} "
      again=1 found=1
    done
  done
done
parent=
for each in $table; do
  case $each in ${pid}:*) parent=\${each#*:} ;; esac
done
kill -TERM $doomed 2>/dev/null
kill -CONT $doomed 2>/dev/null
alive() {
  for pid in $doomed; do
    kill -0 "$pid" 2>/dev/null || continue
    case $(cat "/proc/$pid/stat" 2>/dev/null) in *') Z '*) ;; *) return 0 ;; esac
  done
  return 1
}
tries=20
while alive && [ "$tries" -gt 0 ]; do
  sleep 0.1 2>/dev/null || sleep 1
  tries=$((tries - 1))
done
kill -KILL $doomed 2>/dev/null
[ "\${parent:-1}" -gt 1 ] && kill -CONT "$parent" 2>/dev/null
exit 0
`
}
