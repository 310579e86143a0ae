import type { TerraformEvent } from './events.ts'

/** What an apply has done so far, and what it is at. */
export class Progress {
  readonly #under = new Set<string>()
  readonly #failed = new Set<string>()
  #done = 0

  hear(event: TerraformEvent): void {
    if (event.type === 'begun') this.#under.add(event.address)
    if (event.type !== 'done' && event.type !== 'failed') return
    this.#under.delete(event.address)
    if (event.type === 'done') this.#done++
    else this.#failed.add(event.address)
  }

  /** "3 done, 1 failed (aws_instance.app); under way: aws_instance.db" */
  get said(): string {
    const failed =
      this.#failed.size === 0 ? '' : `, ${this.#failed.size} failed (${[...this.#failed].join(', ')})`
    const under = this.#under.size === 0 ? '' : `; under way: ${[...this.#under].join(', ')}`
    return `${this.#done} done${failed}${under}`
  }
}
