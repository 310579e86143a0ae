import { Secret } from '../secret/index.ts'

/** What lets a host into a swarm. */
export interface Tokens {
  readonly manager: Secret
  readonly worker: Secret
}

/** Reads them off what /swarm answers. They go nowhere but into the standard input of the hosts that join. */
export function parseTokens(json: string): Tokens {
  const { JoinTokens } = JSON.parse(json) as { readonly JoinTokens: { Manager: string; Worker: string } }
  return {
    manager: new Secret(JoinTokens.Manager, 'composed'),
    worker: new Secret(JoinTokens.Worker, 'composed'),
  }
}
