import { isLabName, labs, type Machine, publishedPort } from './topology.ts'

/** Says where a person can look at what was deployed to a lab; nothing for any other environment. */
export function printPlaces(env: string, print: (line: string) => void): void {
  if (!isLabName(env)) return
  const hosts: readonly Machine[] = labs[env].hosts
  const edges = hosts.filter(({ ports }) => 443 in ports)
  const urls = edges.map((edge) => `https://localhost:${publishedPort(edge, 443)}/`)
  print(`\n  open ${urls.join('  or  ')}  (a certificate of the lab's own CA)`)
}
