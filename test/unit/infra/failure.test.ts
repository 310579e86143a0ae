import { expect, test } from 'vitest'
import { eventOf } from '../../../lib/infra/events.ts'
import { failure } from '../../../lib/infra/failure.ts'

const terraform = { program: 'tofu', folder: '/configuration', dataDir: '/configuration/.terraform' }
const error = (summary: string, detail = '') => ({
  severity: 'error' as const,
  summary,
  detail,
  address: undefined,
  place: undefined,
})

test('a lock that somebody holds: who, since when, and how to release it', () => {
  // As Terraform 1.11 says it of an S3 bucket.
  const detail = `Error message: operation error S3: PutObject, https response error StatusCode: 412
Lock Info:
  ID:        72c9f7ed-eb3b-5bf4-9e4d-9b6d9d6c6a11
  Path:      agentlab-staging-state/terraform.tfstate
  Operation: OperationTypeApply
  Who:       anna@laptop
  Version:   1.11.4
  Created:   2026-11-27 08:00:00.123456 +0000 UTC
  Info:      


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`
  const told = failure(terraform, 'plan', {
    status: 1,
    rest: '',
    diagnostics: [error('Error acquiring the state lock', detail)],
  })
  expect(told.message).toBe('the state is locked: anna@laptop has it since 2026-11-27 08:00:00 UTC (apply)')
  expect(told.hint).toContain('tofu -chdir=/configuration force-unlock 72c9f7ed-eb3b-5bf4-9e4d-9b6d9d6c6a11')
})

test('what Terraform says, each with its place; a program that died without a word', () => {
  const diagnostics = [
    { ...error('Bad size', 'Use small.\nOr large.'), address: 'aws_instance.a', place: 'main.tf:3' },
  ]
  expect(failure(terraform, 'plan', { status: 1, rest: '', diagnostics }).message).toBe(
    'aws_instance.a: Bad size (main.tf:3)\n    Use small.\n    Or large.',
  )
  const killed = failure(terraform, 'apply', {
    status: 'killed by SIGKILL',
    rest: 'last words',
    diagnostics: [],
  })
  expect(killed.message).toBe('tofu apply killed by SIGKILL\nlast words')
  const guarded = failure(terraform, 'plan', {
    status: 1,
    rest: '',
    diagnostics: [error('Instance cannot be destroyed', 'has lifecycle.prevent_destroy set')],
  })
  expect(guarded.hint).toContain('prevent_destroy')
})

test('of what it says as it goes, things that are made; reading makes nothing', () => {
  const hook = (action: string) => ({ hook: { resource: { addr: 'a.b' }, action } })
  const line = (type: string, more: object) => JSON.stringify({ '@level': 'info', type, ...more })
  expect(eventOf(line('apply_start', hook('create')))).toEqual({
    type: 'begun',
    address: 'a.b',
    action: 'create',
  })
  expect(eventOf(line('apply_complete', hook('read')))).toEqual({ type: 'other' })
  expect(eventOf(line('outputs', {}))).toEqual({ type: 'other' })
  expect(eventOf('panic: runtime error')).toBe(undefined)
})
