import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Evidence } from '../../../../lib/backup/drill/index.ts'
import type { Place } from '../../../../lib/backup/place.ts'
import type { Event } from '../../../../lib/engine/event.ts'
import { metricsFlag } from '../../../../lib/playbook/backup/metrics-flag.ts'
import { tellVerdict } from '../../../../lib/playbook/drill/tell.ts'
import { parseFlags } from '../../../../lib/playbook/flags.ts'
import type { Run } from '../../../../lib/playbook/index.ts'
import { memoryStore } from '../../../memory-store.ts'
import { failedDrill, passedDrill } from '../../backup/drill/sample.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-tell-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function told(evidence: Evidence, metrics: string) {
  const events: Event[] = []
  const printed: string[] = []
  const run = {
    env: 'lab',
    args: parseFlags(['--metrics', metrics], metricsFlag),
    emit: (event: Event) => void events.push(event),
    print: (line: string) => void printed.push(line),
  }
  const place = { store: memoryStore() }
  const kept = { evidence, json: '{}', html: '', key: 'a key' }
  const done = tellVerdict(run as unknown as Run, place as unknown as Place, kept)
  return { done, events, printed }
}

test('a drill that passed writes its figures', async () => {
  const path = join(folder, 'drill.prom')
  await told(passedDrill, path).done
  const text = readFileSync(path, 'utf8')
  expect(text).toContain('quayside_drill_last_passed{env="lab"} 1\n')
  expect(text).toContain('quayside_drill_rto_seconds{env="lab"} 75.2\n')
})

test('one that failed writes them too, and then fails', async () => {
  const path = join(folder, 'drill.prom')
  const { done, printed } = told(failedDrill, path)
  await expect(done).rejects.toThrow(/the drill of \S+ failed: every table is as it was: table/)
  expect(readFileSync(path, 'utf8')).toContain('quayside_drill_last_passed{env="lab"} 0\n')
  expect(printed.join('\n')).toContain('evidence: a key in memory')
})

test('that figures cannot be written hides no failure', async () => {
  const { done, events } = told(failedDrill, join(folder, 'missing', 'drill.prom'))
  await expect(done).rejects.toThrow(/the drill of \S+ failed/)
  expect(events).toContainEqual({ type: 'note', text: expect.stringContaining('cannot write metrics') })
})
