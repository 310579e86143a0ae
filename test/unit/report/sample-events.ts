import { StepError } from '../../../lib/engine/error.ts'
import type { Event } from '../../../lib/engine/event.ts'
import { tally } from './sample-run.ts'

/**
 * One event of each type, with every field that it can have: the compiler asks for a new type, and for a new field.
 */
export const everyEvent: { readonly [T in Event['type']]: Required<Extract<Event, { type: T }>> } = {
  run: { type: 'run', playbook: 'site', env: 'lab', check: false },
  play: { type: 'play', hosts: 'edge', on: ['edge-1'], roles: ['nginx-tls'], batch: { index: 1, of: 2 } },
  note: { type: 'note', text: 'connected again', host: 'edge-1' },
  step: { type: 'step', text: 'the flip', ms: 12.3456789 },
  result: { type: 'result', of: 'tags', data: { tags: ['tls'] } },
  connecting: { type: 'connecting', host: 'edge-1' },
  connected: { type: 'connected', host: 'edge-1', ms: 120 },
  probed: { type: 'probed', host: 'edge-1', count: 11, ms: 80 },
  applying: { type: 'applying', host: 'edge-1', role: 'redis', id: 'file /a', summary: 'create' },
  output: {
    type: 'output',
    host: 'edge-1',
    id: 'file /a',
    stdout: 'one\n\u001b[31mtwo\u001b[0m\n',
    stderr: 'warn\n',
  },
  retrying: { type: 'retrying', host: 'edge-1', id: 'file /a', attempt: 1, of: 3, why: 'it is not there' },
  resource: {
    type: 'resource',
    host: 'edge-1',
    role: 'redis',
    id: 'file /a',
    outcome: 'changed',
    summary: 'content changed',
    diff: '-a\n+b',
    delegate: 'db-1',
    ms: 1234,
  },
  mispredicted: {
    type: 'mispredicted',
    host: 'edge-1',
    id: 'file /a',
    predicted: 'unchanged',
    actual: 'create',
  },
  handler: { type: 'handler', host: 'edge-1', id: 'redis/restart', outcome: 'changed', debt: true, ms: 900 },
  'host-failed': {
    type: 'host-failed',
    host: 'edge-1',
    unreachable: false,
    id: 'file /a',
    error: new StepError('edge-1', 'file /a: create', { code: 1, stderr: 'No space left', hint: 'df -h' }),
  },
  played: { type: 'played', host: 'edge-1' },
  'play-stopped': { type: 'play-stopped', hosts: 'edge', why: '2 of 2 hosts failed', left: ['edge-2'] },
  'run-failed': { type: 'run-failed', interrupted: false, error: new TypeError('x is not a function') },
  recap: { type: 'recap', tallies: [tally('edge-1', { changed: 1, state: 'failed' })], ms: 5000 },
}
