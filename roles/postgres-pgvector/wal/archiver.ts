/**
 * The archiver, a POSIX sh script for the host: ships what PostgreSQL has marked as ready in its archive_status to S3,
 * several files at a time, compressed and encrypted. `done/NAME` holds the checksum of a file that S3 has: only then does
 * archive_command (archive-command.ts) say so to PostgreSQL. While S3 is away PostgreSQL keeps the files, up to a bound: beyond it
 * the oldest is given up, so that a full disk never stops the database, and that gap is recorded and told.
 *
 * Its one argument is its settings (settings.ts), which sh reads.
 */
export const archiver = `#!/bin/sh
set -u
export LC_ALL=C
. "$1"

say() { echo "$*" >&2; }

now() { date +%s; }

# address NAME: segments are compressed; the few lines of a history or a label are not
address() {
  case $1 in *.*) how=age ;; *) how=zst.age ;; esac
  echo "$url/$system/$(echo "$1" | cut -c 1-8)/$1.$how"
}

# compressed NAME
compressed() {
  case $1 in *.*) cat "$wal/$1" ;; *) zstd -q -3 -c "$wal/$1" ;; esac
}

# put FILE NAME SUM: the status that S3 answers with, 000 for none; what it says stands in FILE.answer and FILE.error
put() {
  sealed=$(sha256sum <"$1") || return 1
  set -- "$1" "$2" "$3" "\${sealed%% *}"
  if [ "$lock_days" -gt 0 ]; then
    md5=$(md5sum <"$1" | perl -ne 'print pack "H32", $_' | base64) || return 1
    until=$(date -u -d "+$lock_days days" +%Y-%m-%dT%H:%M:%SZ) || return 1
    set -- "$@" -H "content-md5: $md5" -H "x-amz-object-lock-mode: COMPLIANCE" -H "x-amz-object-lock-retain-until-date: $until"
  fi
  file=$1 name=$2 sum=$3 sealed=$4
  shift 4
  curl -q -sS -K "$credentials" -K "$headers" -T "$file" -o "$file.answer" -w '%{http_code}' \\
    --connect-timeout 5 --speed-limit 1000 --speed-time 15 --max-time 300 \\
    -H "x-amz-content-sha256: $sealed" -H "x-amz-meta-sha256: $sum" -H 'if-none-match: *' "$@" \\
    "$(address "$name")" 2>"$file.error"
}

# stands NAME: the checksum of what S3 has under that name
stands() {
  curl -q -sS -f -I -K "$credentials" --connect-timeout 5 --max-time 30 \\
    -H "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" \\
    "$(address "$1")" 2>/dev/null |
    tr -d '\\r' | sed -n 's/^[Xx]-[Aa]mz-[Mm]eta-[Ss]ha256: *//p'
}

# finish NAME SUM
finish() {
  echo "$2" >"$state/done/.$1" && mv "$state/done/.$1" "$state/done/$1"
}

# ship NAME: 0 once S3 has it; else why not stands in work/NAME.why
ship() {
  from=$wal/$1
  to=$work/$1
  rm -f "$to" "$to".*
  if [ ! -f "$from" ] || [ -L "$from" ]; then
    echo "$from is no file" >"$to.why"
    return 1
  fi
  case $1 in *.*) ;; *)
    # the page at the beginning of each segment says which server wrote it
    if [ "$(od -An -t u8 -j 24 -N 8 "$from" | tr -d ' ')" != "$system" ]; then
      echo "$1 is another server's than $system" >"$to.why"
      return 1
    fi ;;
  esac
  sum=$(sha256sum <"$from") || return 1
  sum=\${sum%% *}
  if ! { compressed "$1" || : >"$to.bad"; } 2>"$to.why" | age $recipients -o "$to" 2>>"$to.why" || [ -e "$to.bad" ]; then
    sed 's/^/it cannot be compressed and encrypted: /' "$to.why" >"$to.bad" && mv "$to.bad" "$to.why"
    return 1
  fi
  code=$(put "$to" "$1" "$sum")
  case $code in
    200) ;;
    412)
      has=$(stands "$1")
      if [ "$has" = "" ]; then
        echo "S3 has $1 already, and does not say what it holds" >"$to.why"
        return 1
      elif [ "$has" != "$sum" ]; then
        echo "S3 has another $1 already, with SHA-256 $has and not $sum: does a copy of this server archive to the same place?" >"$to.why"
        return 1
      fi ;;
    000) sed 's/^curl: ([0-9]*) //' "$to.error" >"$to.why"; return 1 ;;
    *)
      echo "S3 answers $code $(sed -n 's/.*<Code>\\([^<]*\\).*/\\1/p' "$to.answer" 2>/dev/null)" >"$to.why"
      return 1 ;;
  esac
  finish "$1" "$sum" && rm -f "$to" "$to".*
}

# give_up NAME WHY
give_up() {
  sum=$(sha256sum <"$wal/$1") && finish "$1" "\${sum%% *}" || return 1
  printf '{"system":"%s","name":"%s","at":"%s"}\\n' "$system" "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$state/gaps/$1"
  gaps=$((gaps + 1))
  say "GAP: gave up $1, which S3 does not have: $2. No recovery can get past it: take a new base backup (backup.ts base)"
}

tell() {
  at=$(now) lag=0
  [ -n "$oldest" ] && [ ! -e "$state/done/$oldest" ] &&
    lag=$((at - $(stat -c %Y "$wal/archive_status/$oldest.ready" 2>/dev/null || echo "$at")))
  told=$at
  printf 'system=%s\\nat=%s\\nlast=%s\\nlast_at=%s\\nqueue=%s\\nqueue_bytes=%s\\nlag=%s\\ngaps=%s\\nfailing=%s\\n' \\
    "$system" "$at" "$last" "$last_at" "$queue" "$((queue * segment))" "$lag" "$gaps" "$failing" >"$state/.status" &&
    mv "$state/.status" "$state/status"
  cat >"$metrics.new" <<METRICS && mv "$metrics.new" "$metrics"
# HELP quayside_wal_archiver_seen_timestamp_seconds When the archiver last looked.
# TYPE quayside_wal_archiver_seen_timestamp_seconds gauge
quayside_wal_archiver_seen_timestamp_seconds $at
# HELP quayside_wal_archive_lag_seconds Age of the oldest finished segment that S3 does not have.
# TYPE quayside_wal_archive_lag_seconds gauge
quayside_wal_archive_lag_seconds $lag
# HELP quayside_wal_queue_bytes Size of the finished segments that PostgreSQL keeps for the archiver.
# TYPE quayside_wal_queue_bytes gauge
quayside_wal_queue_bytes $((queue * segment))
# HELP quayside_wal_gaps Segments given up since the last base backup.
# TYPE quayside_wal_gaps gauge
quayside_wal_gaps $gaps
# HELP quayside_wal_last_shipped_timestamp_seconds When S3 last took a segment.
# TYPE quayside_wal_last_shipped_timestamp_seconds gauge
quayside_wal_last_shipped_timestamp_seconds $last_at
METRICS
}

# round: ships the oldest of what S3 does not have, as many as at_once
round() {
  waiting= queue=0 kept=0 oldest= waited=0 shipped=0 why=
  # A new timeline's history comes first, as PostgreSQL itself has it.
  for each in "$wal"/archive_status/*.history.ready "$wal"/archive_status/*.ready; do
    [ -e "$each" ] || continue
    each=\${each##*/} each=\${each%.ready}
    case " $waiting " in *" $each "*) continue ;; esac
    case $each in *[!0-9A-Za-z.]*) continue ;; esac
    kept=$((kept + 1))
    [ -e "$state/done/$each" ] && continue
    queue=$((queue + 1))
    [ -n "$oldest" ] || oldest=$each
    [ "$waited" -ge "$at_once" ] && continue
    waiting="$waiting $each" waited=$((waited + 1))
  done
  # What PostgreSQL has seen to be done it asks for no more.
  for each in "$state"/done/*; do
    [ -e "$each" ] && [ ! -e "$wal/archive_status/\${each##*/}.ready" ] && rm -f "$each"
  done
  [ "$waited" -gt 0 ] || return 0
  for each in $waiting; do ship "$each" & done
  wait
  for each in $waiting; do
    if [ -e "$state/done/$each" ]; then
      shipped=$((shipped + 1)) last=$each last_at=$(now)
    elif [ -z "$why" ]; then
      why=$(cat "$work/$each.why" 2>/dev/null)
      [ -n "$why" ] || why="$each could not be read"
    fi
  done
  queue=$((queue - shipped))
}

# bound: gives up the oldest where too much waits. What S3 has and PostgreSQL has not yet asked for does not count, unless
# all of it is held up by one that S3 will never take.
bound() {
  [ "$waited" -gt 0 ] && [ ! -e "$state/done/$oldest" ] || return 0
  free=$(df -Pk "$wal" | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$queue" -gt "$limit" ]; then
    give_up "$oldest" "$queue segments wait, and at most $limit may"
  elif [ "$kept" -gt "$limit" ] && [ "\${why#S3 has}" != "$why" ]; then
    give_up "$oldest" "it holds up $kept segments, and at most $limit may wait"
  elif [ "$free" -lt "$free_mb" ] && [ "$queue" -gt 4 ]; then
    give_up "$oldest" "$free MB of the disk are free, and the last $free_mb are not for what waits"
  fi
}

mkdir -p "$work" "$state/done" "$state/gaps" "$(dirname "$metrics")" || exit 1
# Files of S3's own keeping are found to be there again, and cost a question each.
rm -f "$state"/done/* "$state"/done/.[!.]*
last= last_at=0 failing=0 said= said_at=0 told=0 pause=1 at_once=1 gaps=0 segment=16777216
if [ -r "$state/status" ]; then
  last=$(sed -n 's/^last=//p' "$state/status")
  last_at=$(sed -n 's/^last_at=//p' "$state/status")
  last_at=\${last_at:-0}
fi
until [ -n "\${data:-}" ] || data=$(docker volume inspect -f '{{.Mountpoint}}' "$volume" 2>/dev/null); do sleep 5; done
wal=$data/pg_wal
until [ -s "$data/global/pg_control" ] && [ -d "$wal/archive_status" ]; do sleep 2; done
say "ships segments of $wal to $url, at most $parallel at a time"

system=
while :; do
  before=$system
  system=$(od -An -t u8 -N 8 "$data/global/pg_control" | tr -d ' ')
  [ -n "$system" ] || { sleep 2; continue; }
  # The data was made anew meanwhile: what S3 has of the server before is not the new one's, though the names are.
  [ -z "$before" ] || [ "$before" = "$system" ] || rm -f "$state"/done/*
  gaps=0
  for each in "$state"/gaps/*; do [ -e "$each" ] && gaps=$((gaps + 1)); done
  was=$last_at
  round
  if [ -n "$oldest" ] && [ -f "$wal/$oldest" ]; then
    size=$(stat -c %s "$wal/$oldest")
    [ "$size" -ge 1048576 ] && segment=$size
  fi
  limit=$((queue_mb * 1048576 / segment))
  if [ "$waited" -gt "$shipped" ]; then
    failing=1
    if [ "$why" != "$said" ] || [ $(($(now) - said_at)) -ge 60 ]; then
      say "cannot ship to S3: $why ($queue segments wait, of at most $limit)"
      said=$why said_at=$(now)
    fi
  else
    [ "$failing" = 0 ] || say "ships to S3 again ($queue segments wait)"
    failing=0 said=
  fi
  bound
  if [ "$shipped" -gt 0 ]; then
    pause=1 at_once=$parallel
  elif [ "$waited" -gt 0 ]; then
    pause=$((pause < 4 ? pause * 2 : 4)) at_once=1
  fi
  # once a quarter of a minute, and whenever there is something to tell
  if [ "$waited" -gt 0 ] || [ "$was" != "$last_at" ] || [ $(($(now) - told)) -ge 15 ]; then tell; fi
  [ "$shipped" -gt 0 ] && [ "$waited" -ge "$parallel" ] || sleep "$pause"
done
`
