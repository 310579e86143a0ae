import type { Reporter, TestCase } from 'vitest/node'

/** Ends a run with one plain line that any CI can read: "12 passed, 0 failed". */
export default class Summary implements Reporter {
  #counts = { passed: 0, failed: 0, skipped: 0 }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result()
    if (state !== 'pending') this.#counts[state] += 1
  }

  onTestRunEnd(): void {
    const { passed, failed, skipped } = this.#counts
    // After the default reporter's own last lines.
    process.once('exit', () => {
      console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
    })
  }
}
