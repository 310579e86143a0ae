import { onNode } from './on-node.ts'

const rules = ['INPUT', 'OUTPUT'].map((chain) => `${chain} -p tcp --dport 2377 -j DROP`)

/**
 * Cuts a node off from the managers, and waits until `by`, where it is given, has it as down: the host itself is there,
 * which a lab would start again where it were stopped.
 */
export function cutOff(name: string, by?: string): void {
  onNode(name, rules.map((rule) => `iptables -I ${rule}`).join('; '))
  if (by === undefined) return
  const state = `docker node ls --format '{{.Hostname}} {{.Status}}' | grep -qx '${name} Down'`
  onNode(by, `n=0; until ${state}; do n=$((n + 1)); [ $n -lt 90 ] || exit 1; sleep 1; done`)
}

/** Lets it back; what was not cut off stays as it is. */
export function letBack(name: string): void {
  onNode(name, rules.map((rule) => `while iptables -D ${rule} 2>/dev/null; do :; done`).join('; '))
}
