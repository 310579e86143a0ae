import { join } from 'node:path'
import type { Connection, Target } from '../../lib/connection/index.ts'
import { openConnection } from '../../lib/connection/index.ts'
import { hosts, publishedPort } from '../../lib/lab/topology.ts'
import { raw } from '../../lib/script/index.ts'
import { stateDir } from '../../lib/state.ts'
import { targetLike } from '../target.ts'

/** How the lab's inventory reaches a host. */
export function labTarget(name: string): Target {
  const machine = hosts.find((host) => host.name === name)
  if (machine === undefined) throw new Error(`the lab has no ${name}`)
  return targetLike({
    name,
    connection: 'ssh',
    port: publishedPort(machine, 22),
    user: 'deploy',
    identityFile: join(stateDir('lab'), 'id_ed25519'),
    knownHostsFile: join(stateDir('lab'), 'known_hosts'),
    become: true,
    connectTimeoutSeconds: 20,
  })
}

/** Runs shell text as root on a host of the lab, over a connection of its own; throws when it fails. */
export async function onHost(name: string, text: string): Promise<string> {
  const connection: Connection = await openConnection(labTarget(name))
  try {
    const { stdout, stderr, code } = await connection.run(raw(text))
    if (code !== 0) throw new Error(`${name}: ${text}: ${stderr}`)
    return stdout
  } finally {
    await connection.close()
  }
}
