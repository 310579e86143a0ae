import type { StackFile, Words } from './stack-file.ts'

/** A file all of whose networks between nodes are encrypted. Docker does so to a network that it makes, and to none that is there. */
export function encrypted(file: StackFile): StackFile {
  const networks = Object.entries(file.networks).map(([name, network]) => [
    name,
    { ...network, driver_opts: { ...(network.driver_opts as Words | undefined), encrypted: 'true' } },
  ])
  return { ...file, networks: Object.fromEntries(networks) }
}
