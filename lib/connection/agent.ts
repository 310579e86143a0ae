import ssh2, { type ParsedKey } from 'ssh2'
import type { Offer } from './identity.ts'
import { within } from './transport.ts'

const agentMs = 3000

/**
 * The agent's keys as an offer, or those of them that are wanted; undefined when it has none or does not answer.
 * (ssh2 would take a dead agent for a failure of the whole connection, so it is asked beforehand.)
 */
export async function agentOffer(
  socket: string,
  username: string,
  wanted?: readonly Buffer[],
): Promise<Offer | undefined> {
  const agent = new ssh2.OpenSSHAgent(socket)
  const all = await within(agentMs, identities(agent), [])
  const keys =
    wanted === undefined ? all : all.filter((key) => wanted.some((each) => key.getPublicSSH().equals(each)))
  if (keys.length === 0) return undefined
  const name = keys.length === 1 ? "the agent's key" : `the agent's ${keys.length} keys`
  agent.getIdentities = (done) => done(undefined, keys)
  return { name, method: { type: 'agent', username, agent } }
}

function identities(agent: ssh2.OpenSSHAgent): Promise<ParsedKey[]> {
  return new Promise((resolve) => {
    agent.getIdentities((error, keys = []) => {
      resolve(error ? [] : keys.flatMap((key) => ('getPublicSSH' in key ? [key] : [])))
    })
  })
}
