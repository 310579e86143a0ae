import { expect } from 'vitest'
import type { Connection } from '../../lib/connection/connection.ts'
import type { Resource } from '../../lib/resource/index.ts'
import type { Script } from '../../lib/script/index.ts'
import { converge, look } from './converge.ts'

/** What one resource goes through: made, mended after a drift, changed to another wish, and taken away. */
export interface Life {
  readonly wish: Resource
  /** what someone does to the host behind our back */
  readonly drift?: Script
  readonly other?: Resource
  readonly gone?: Resource
}

/** Lives a life on a host: each step must plan a change, make it, and be unchanged when looked at again. */
export async function live(host: Connection, { wish, drift, other, gone }: Life): Promise<void> {
  await converge(host, wish)
  if (drift !== undefined) {
    await run(host, drift)
    await converge(host, wish)
  }
  if (other !== undefined) await converge(host, other)
  if (gone !== undefined) {
    await converge(host, gone)
    expect((await look(host, wish)).kind).toBe('change')
  }
}

/** What a script printed; throws what it said where it fails. */
export async function run(host: Connection, script: Script): Promise<string> {
  const { code, stdout, stderr } = await host.run(script)
  if (code !== 0) throw new Error(stderr)
  return stdout
}
