/**
 * What is done before each start, in the folder of the first argument.
 *
 * The names of the containers by their ids become a table of rsyslog's, for those whose lines do not say them: made before
 * they did, or by others. Without an answer of Docker it is empty.
 *
 * One that was killed, or lost its power, may have lost what was on its way into the queue, though its places in the files
 * were noted. So it reads the files from their beginning: what comes a second time logs.ts tells once.
 */
export const prepare = `set -eu
cd "$1"
{
  printf '{"version":1,"nomatch":"","type":"string","table":[{"index":"-","value":"-"}'
  timeout 20 docker ps --all --no-trunc --format ',{"index":"{{.ID}}","value":"{{.Names}}"}' 2>/dev/null || :
  printf ']}\\n'
} >names.new
mv names.new names.json
[ ! -e running ] || rm -f imfile-state*
[ "\${2-}" = start ] && : >running
:
`

/** What is done after each end: one that was in order has kept all. */
export const settle = `[ "$SERVICE_RESULT" != success ] || rm -f "$1/running"
`
