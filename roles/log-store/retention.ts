/**
 * `retention.sh FOLDER DAYS MEGABYTES FREE`: removes the files of FOLDER that are older than DAYS, and of what is left the
 * oldest until it takes MEGABYTES at most. Of one day the largest goes first: who says too much pays for it. rsyslog lets
 * go of files that are gone, or their room would not be free.
 *
 * A line that finds the disk full is lost to rsyslog. So with less than FREE megabytes left there the store takes no more,
 * until there is room again: the collectors keep what is not confirmed.
 */
export const retention = (unit: string) => `set -eu
cd "$1"
days=$2 most=$3 least=$4 gone=
listed() { find . -type f -name '????-??-??.jsonl' -printf '%f %k %p\\n'; }
remove() {
  rm -f -- "$1"
  gone=yes
}

oldest=$(date -u -d "-$days days" +%F).jsonl
for path in $(listed | awk -v oldest="$oldest" '$1 < oldest { print $3 }'); do
  remove "$path"
done

total=$(listed | awk '{ kib += $2 } END { print kib + 0 }')
while [ "$total" -gt $((most * 1024)) ]; do
  set -- $(listed | sort -k1,1 -k2,2nr | head -n 1)
  [ $# -eq 3 ] || break
  remove "$3"
  total=$((total - $2))
done

find . -mindepth 1 -type d -empty -mmin +60 -delete
runs() { systemctl is-active -q ${unit}; }
[ -z "$gone" ] || ! runs || systemctl kill -s HUP ${unit}

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt "$least" ] && runs; then
  echo "<3>$free MB are free here, and less than $least: the log store takes nothing until there is more" >&2
  : >.full
  systemctl stop ${unit}
elif [ "$free" -ge "$least" ] && [ -e .full ]; then
  rm -f .full
  systemctl start ${unit}
fi
`
