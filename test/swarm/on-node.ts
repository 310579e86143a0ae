import { execFileSync } from 'node:child_process'
import { containerOf } from '../../lib/lab/topology.ts'

/** Runs shell text as root on a host of the swarm's lab; gives what it printed, and throws when it fails. */
export function onNode(name: string, text: string): string {
  return execFileSync('docker', ['exec', containerOf(name), 'sh', '-c', text], { encoding: 'utf8' }).trim()
}

/** Each node as its manager has it: "swarm-1 manager active edge=true". */
export function nodesSeenBy(name: string): readonly string[] {
  const format =
    '{{.Description.Hostname}} {{.Spec.Role}} {{.Spec.Availability}} {{range $k, $v := .Spec.Labels}}{{$k}}={{$v}} {{end}}'
  const said = onNode(name, `docker node inspect -f '${format}' $(docker node ls -q)`)
  return said
    .split('\n')
    .map((line) => line.trim())
    .toSorted()
}
