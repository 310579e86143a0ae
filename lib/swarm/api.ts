import { feed, type Script, sh } from '../script/index.ts'
import type { Content } from '../secret/index.ts'

const socket = '/var/run/docker.sock'

/**
 * Asks a host's own engine by its API: prints the JSON it answers. Where it refuses, its words go to standard error, as
 * docker's own commands have them, and the script ends there with another code than 0.
 */
export function get(path: string): Script {
  return sh`answer=$(curl -sS --fail-with-body -m 20 --unix-socket ${socket} ${`http://docker${path}`}) || { code=$?; printf '%s\\n' "$answer" >&2; exit "$code"; }
printf '%s\\n' "$answer"`
}

/**
 * Sends JSON to it. The body comes on standard input, so that a token or a key in it is in no argument list. What it
 * answers, and why it refuses, goes to standard error.
 */
export function post(path: string, body: Content, seconds = 60): Script {
  return sh`{ base64 -d${feed(body)}} | curl -sS --fail-with-body -m ${seconds} --unix-socket ${socket} -H 'Content-Type: application/json' --data-binary @- ${`http://docker${path}`} >&2`
}
