#!/bin/sh
# Runs one scheduled job: one at a time, into its log, timed, and told to whoever watches.
#   run-job /etc/quayside/schedule/ENV-JOB.conf [missed]
# missed: only where its last start is longer ago than its schedule would have it; cron does so after a boot.
# Ends with the job's own code; 75 where its last run still goes on, 78 where it is not set up.
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

conf=${1:?which job? run-job CONF}
[ -r "$conf" ] || { echo "run-job: cannot read $conf" >&2; exit 78; }
# env, job, project, path, environment, state, metrics, log, gap, settle; and work, which is the job
. "$conf"
name=$env-$job

mkdir -p "$state" || exit 78
[ -z "$log" ] || exec >>"$log" 2>&1

say() { printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$name" "$*"; }

# The job has the lock's descriptor too: it is held as long as either lives.
exec 9>>"$state/$name.lock" || exit 78
if ! flock -n 9; then
  say 'left out: its last run still goes on'
  exit 75
fi

started=0 ended=0 took=0 succeeded=0 code=0 runs=0 failures=0
if [ -r "$state/$name.last" ]; then
  while IFS='=' read -r key value; do
    case $value in '' | *[!0-9]*) continue ;; esac
    case $key in started | ended | took | succeeded | code | runs | failures) eval "$key=\$value" ;; esac
  done <"$state/$name.last"
fi

if [ "${2-}" = missed ]; then
  # What never ran has missed nothing: its first run is the schedule's.
  [ "$started" -gt 0 ] && [ $(($(date +%s) - started)) -ge "$gap" ] || exit 0
  sleep "$settle"
  say 'a run was missed: now'
fi

# Puts standard input in the place of a file, so that a reader has all of it or what was there before.
replace() {
  draft=$(dirname "$1")/.$name.$$
  if cat >"$draft" && chmod 644 "$draft" && mv -f "$draft" "$1"; then return 0; fi
  rm -f "$draft"
  say "cannot write $1"
}

remember() {
  replace "$state/$name.last" <<END
started=$started
ended=$ended
took=$took
succeeded=$succeeded
code=$code
runs=$runs
failures=$failures
END
}

metric() { # NAME TYPE VALUE HELP
  printf '# HELP quayside_job_%s %s\n# TYPE quayside_job_%s %s\n' "$1" "$4" "$1" "$2"
  printf 'quayside_job_%s{env="%s",job="%s"} %s\n' "$1" "$env" "$job" "$3"
}

measure() {
  [ -n "$metrics" ] || return 0
  {
    metric started_timestamp_seconds gauge "$started" 'When it last began.'
    [ "$ended" = 0 ] || metric ended_timestamp_seconds gauge "$ended" 'When it last ended, however.'
    [ "$succeeded" = 0 ] ||
      metric succeeded_timestamp_seconds gauge "$succeeded" 'When it last ended well.'
    metric duration_seconds gauge "$took" 'How long its last whole run took.'
    metric exit_code gauge "$code" 'How its last run ended: 0 is well.'
    metric runs_total counter "$runs" 'Runs that ended.'
    metric failures_total counter "$failures" 'Runs that did not end well.'
  } | replace "$metrics/quayside_job_$name.prom"
}

# The URL is as good as a password: curl reads it from standard input, so that no list of processes has it.
ping() {
  [ -n "$url" ] || return 0
  printf 'url = "%s"\n' "$url$1" | curl -fsS -m 20 --retry 2 -o /dev/null -K - ||
    say 'the ping did not get through'
}

url=
if [ -n "$environment" ]; then
  [ -r "$environment" ] || { say "cannot read $environment"; exit 78; }
  set -a
  . "$environment"
  set +a
  url=${QUAYSIDE_PING_URL-}
  unset QUAYSIDE_PING_URL
  case $url in *'{job}'*) url=${url%%'{job}'*}$job${url#*'{job}'} ;; esac
fi
[ -z "$metrics" ] || export QUAYSIDE_METRICS_DIR="$metrics"
PATH=$path

started=$(date +%s)
remember
measure # one that never ends is told by this alone
say begins
(cd "$project" && work) </dev/null &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT HUP
wait "$child"
code=$?
# A signal ends the wait and not the job, which has its own way to stop.
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
trap '' TERM INT HUP

ended=$(date +%s)
took=$((ended - started))
runs=$((runs + 1))
if [ "$code" = 0 ]; then succeeded=$ended; else failures=$((failures + 1)); fi
remember
measure
if [ "$code" = 0 ]; then
  say "done after $took s"
  ping ''
else
  say "failed with code $code after $took s"
  ping /fail
fi
exit "$code"
