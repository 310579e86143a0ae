import { exit, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Play } from './play.ts'

/** A play that did not end well on every host: for a playbook that catches it and goes on. */
export class PlayError extends QuaysideError {
  /** hosts on which it failed; playing on them again is Ansible's rescue */
  readonly failed: readonly Host[]

  constructor(play: Play, failed: readonly Host[], unreachable: readonly Host[], why?: string) {
    const names = [
      ...failed.map(({ name }) => name),
      ...unreachable.map(({ name }) => `${name} (unreachable)`),
    ]
    const stopped = why === undefined ? '' : `, and was stopped: ${why}`
    super(`the play on ${play.hosts} failed on ${names.join(', ')}${stopped}`, {
      exitCode: failed.length === 0 ? exit.unreachable : exit.failed,
    })
    this.failed = failed
  }
}
