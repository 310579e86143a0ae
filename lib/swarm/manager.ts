import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '../connection/error.ts'
import { StepError } from '../engine/error.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Script } from '../script/index.ts'

const patienceMs = 90_000

/** The managers of a swarm, of which one answers for all. When it does not, the next is asked. */
export class Managers {
  readonly #fleet: Pick<Fleet, 'run'>
  readonly #emit: Emit
  readonly #signal: AbortSignal
  readonly #dead = new Set<string>()
  #order: readonly Host[]

  constructor(work: { fleet: Pick<Fleet, 'run'>; emit: Emit; signal: AbortSignal }, hosts: readonly Host[]) {
    this.#fleet = work.fleet
    this.#emit = work.emit
    this.#signal = work.signal
    this.#order = hosts
  }

  /** The one that is asked first. */
  get first(): Host {
    const [host] = this.#order
    if (host === undefined) throw new QuaysideError('no manager of the swarm is left to ask')
    return host
  }

  /**
   * Runs a script that does no harm when it is run twice: on the next manager where one went away, and again while they
   * choose a leader. Throws a StepError where it is refused for good.
   */
  async ask(step: string, script: Script, timeoutSeconds = 30): Promise<string> {
    const since = performance.now()
    for (;;) {
      const host = this.first
      try {
        return await this.#once(host, step, script, timeoutSeconds)
      } catch (error) {
        if (!(error instanceof ConnectionError) && !(error instanceof StepError && isPassing(error)))
          throw error
        if (performance.now() - since > patienceMs) throw error
        this.#next(host, error)
        await sleep(1000, undefined, { signal: this.#signal })
      }
    }
  }

  async #once(host: Host, step: string, script: Script, timeoutSeconds: number): Promise<string> {
    const results = await this.#fleet.run([host], step, () => script, { timeoutSeconds })
    return results.get(host.name)?.stdout ?? ''
  }

  #next(host: Host, error: Error): void {
    if (error instanceof ConnectionError && this.#order.length > 1) {
      this.#dead.add(host.name)
      this.#order = this.#order.filter((each) => each !== host)
      this.#emit({
        type: 'note',
        text: `${host.name} does not answer: asking ${this.first.name} from now on`,
      })
      return
    }
    // It is there, and has no say at the moment.
    const [, ...others] = this.#order
    this.#order = [...others, host]
    this.#emit({
      type: 'note',
      host: host.name,
      text: `asking again: ${messageOf(error).split('\n').at(-1)?.trim()}`,
    })
  }
}

/** A swarm that chooses a leader, or an engine that starts again, says such things for a moment. */
function isPassing({ stderr }: StepError): boolean {
  return /does not have a leader|lost leadership|not a swarm manager|deadline exceeded|rpc error|Cannot connect to the Docker daemon|curl: \((7|28|52|56)\)|curl: \(22\).* 503/i.test(
    stderr,
  )
}
