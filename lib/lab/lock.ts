import { setTimeout as sleep } from 'node:timers/promises'
import { letGo, takeLock } from '../process-lock.ts'
import { ensureState, state } from './state.ts'

/** Runs `work` while holding the lab's lock, so that two runs on this machine take turns. */
export async function locked<T>(log: (line: string) => void, work: () => Promise<T>): Promise<T> {
  await ensureState()
  for (let waited = 0; ; waited += 1) {
    const holder = await takeLock(state.lock, 'work on the lab')
    if (holder === undefined) break
    if (waited === 0) log(`waiting for process ${holder.pid}, which is working on the lab`)
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    await letGo(state.lock)
  }
}
