import { randomBytes } from 'node:crypto'
import { type Script, sh } from '../script/index.ts'

/** Of how much time and how many lines of each container. */
export interface Span {
  /** RFC 3339, or Docker's "10m" */
  readonly since: string
  readonly until?: string
  /** lines of each container, the last ones */
  readonly tail: number
}

/** what a container may say at once: more is a log to be looked at on the host */
const mostBytes = 4 * 1024 * 1024

/** A script that prints what the containers of a host said, and how that is read: by container. */
export function askLogs(span: Span): {
  readonly script: Script
  read(stdout: string): ReadonlyMap<string, string>
} {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  const until = span.until === undefined ? [] : ['--until', span.until]
  const words = ['--timestamps', '--since', span.since, ...until, '--tail', String(span.tail)]
  return {
    script: sh`
docker ps --all --format '{{.Names}}' | while read -r name; do
  printf '\n%s %s\n' ${mark} "$name"
  docker logs ${words} "$name" 2>&1 </dev/null | tail -c ${mostBytes}
done`,
    read: (stdout) =>
      new Map(
        stdout
          .split(`\n${mark} `)
          .slice(1)
          .map((piece) => {
            const end = piece.indexOf('\n')
            return [piece.slice(0, end), piece.slice(end + 1)] as const
          }),
      ),
  }
}
