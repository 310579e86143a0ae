import type { Evidence, StepRecord } from '../../../../lib/backup/drill/evidence.ts'

const step = (
  id: string,
  title: string,
  start: number,
  ms: number,
  rest: Partial<StepRecord> = {},
): StepRecord => ({
  id,
  title,
  outcome: 'ok',
  text: 'as it should be',
  problems: [],
  start,
  ms,
  ...rest,
})

/** Evidence of a drill in which a table differed, under a name that a page must not take for markup. */
export const failedDrill: Evidence = {
  version: 1,
  drill: '20261125T101500Z-3f9a1c',
  env: 'lab',
  backup: '20261125T090000Z-aaaaaa',
  chosen: 'random with seed 4711',
  store: 's3://backups at http://127.0.0.1:5078',
  host: 'app-2',
  image: 'standin/postgres:15',
  by: 'anna@laptop',
  startedAt: '2026-11-25T10:15:00.000Z',
  finishedAt: '2026-11-25T10:16:40.000Z',
  ok: false,
  snapshotAt: '2026-11-25T09:00:00.000Z',
  rpoSeconds: 4500,
  steps: [
    step('manifest', 'the manifest is whole and signed', 0, 1000),
    step('restore', 'restored by pg_restore', 1000, 60_000),
    step('tables', 'every table is as it was', 61_000, 9000, {
      outcome: 'failed',
      text: '1 of 2 tables have the same rows',
      problems: ['table "public"."<script>alert(1)</script>": 10 rows in the backup, 9 here'],
    }),
    step('assertions', "the inventory's own assertions hold", 70_000, 0, {
      outcome: 'skipped',
      text: 'none in the inventory',
    }),
  ],
  tables: [
    { database: 'app', schema: 'public', name: 'documents', rows: 12, restored: 12, equal: true },
    {
      database: 'app',
      schema: 'public',
      name: '<script>alert(1)</script>',
      rows: 10,
      restored: 9,
      equal: false,
    },
  ],
  indexes: [
    {
      database: 'app',
      name: 'documents_embedding',
      table: 'public.documents',
      method: 'hnsw',
      buildMs: 12_300,
      recall: 0.985,
      samples: 20,
    },
  ],
  apps: [{ name: 'api', image: 'registry/api@sha256:1234', answers: [{ path: '/api/health', status: 200 }] }],
}

/** The same, had all been well. */
export const passedDrill: Evidence = {
  ...failedDrill,
  ok: true,
  rtoSeconds: 75.2,
  steps: failedDrill.steps.map((each) =>
    each.outcome === 'failed' ? { ...each, outcome: 'ok' as const, problems: [] } : each,
  ),
  tables: failedDrill.tables.map((each) => ({ ...each, restored: each.rows, equal: true })),
}

/** A recovery to a time, with all well. */
export const passedRecovery: Evidence = {
  ...passedDrill,
  chosen: 'to 2026-11-25T10:00:00.000Z, random with seed 4711',
  recovery: { to: '2026-11-25T10:00:00.000Z', reached: '2026-11-25T09:59:58.123456Z' },
  steps: [step('recovery', 'its files are whole, and the log plays up to the time', 0, 60_000)],
  tables: [],
}
