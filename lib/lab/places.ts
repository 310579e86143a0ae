import { hosts, publishedPort } from './topology.ts'

/** Says where a person can look at what was deployed to the lab; nothing for any other environment. */
export function printPlaces(env: string, print: (line: string) => void): void {
  if (env !== 'lab') return
  const edges = hosts.filter((host) => host.name.startsWith('edge-'))
  const urls = edges.map((edge) => `https://localhost:${publishedPort(edge, 443)}/`)
  print(`\n  open ${urls.join('  or  ')}  (a certificate of the lab's own CA)`)
}
