import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldBackup } from '../../../lib/backup/held.ts'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import { backupMetrics, drillMetrics } from '../../../lib/backup/metrics.ts'
import { exposition, type Metric } from '../../../lib/metrics/exposition.ts'
import { metricsPath, writeMetrics } from '../../../lib/metrics/file.ts'

const one = (value: number, labels: Record<string, string> = {}): Metric => ({
  name: 'quayside_x',
  help: 'X.',
  type: 'gauge',
  samples: [{ labels, value }],
})

describe('the text format', () => {
  const head = '# HELP quayside_x X.\n# TYPE quayside_x gauge\n'
  const cases: readonly (readonly [string, Metric, string])[] = [
    ['a value', one(3), `${head}quayside_x 3\n`],
    ['labels', one(1.5, { env: 'lab', job: 'backup' }), `${head}quayside_x{env="lab",job="backup"} 1.5\n`],
    ['what a label escapes', one(0, { a: 'x"y\\z\nw' }), `${head}quayside_x{a="x\\"y\\\\z\\nw"} 0\n`],
    ['what is no number to JSON', one(Number.POSITIVE_INFINITY), `${head}quayside_x +Inf\n`],
    ['and none at all', one(Number.NaN), `${head}quayside_x NaN\n`],
    ['large times as they are', one(1_795_600_000.25), `${head}quayside_x 1795600000.25\n`],
    [
      'what a help text escapes',
      { ...one(1), help: 'a \\ and\na line' },
      '# HELP quayside_x a \\\\ and\\na line\n# TYPE quayside_x gauge\nquayside_x 1\n',
    ],
    ['nothing of what is not known', { ...one(1), samples: [] }, ''],
  ]
  test.each(cases)('%s', (_, metric, text) => expect(exposition([metric])).toBe(text))

  test.each(['', '1x', 'a-b', 'a b'])('%o is no name of a metric', (name) => {
    expect(() => exposition([{ ...one(1), name }])).toThrow('no name of a metric')
  })
  test.each(['', '__x', 'a-b', 'a:b'])('%o is no name of a label', (name) => {
    expect(() => exposition([one(1, { [name]: 'x' })])).toThrow('no name of a label')
  })
})

const held = (day: number, more: Partial<HeldBackup> = {}): HeldBackup => ({
  id: `2026112${day}T020000Z-aaaaaa`,
  at: new Date(Date.UTC(2026, 10, 20 + day, 2)),
  complete: true,
  verified: more.drill?.passed === true,
  drill: undefined,
  bytes: 1000,
  ...more,
})
const entry = { key: 'volumes/a', size: 700, sha256: 'a'.repeat(64), ms: 1 }
const manifest: Manifest = {
  version: 1,
  id: 'x',
  env: 'lab',
  takenAt: '2026-11-25T02:00:00Z',
  finishedAt: '2026-11-25T02:01:30.500Z',
  by: 'anna@laptop',
  tools: {},
  recipients: [],
  volumes: [{ host: 'app-1', kind: 'path', name: '/srv', object: entry }],
}
const values = (metrics: readonly Metric[]) =>
  Object.fromEntries(
    metrics.flatMap(({ name, samples }) =>
      samples.map(({ value }) => [name.replace('quayside_', ''), value]),
    ),
  )
const seconds = (text: string) => Date.parse(text) / 1000

describe('of backups', () => {
  test('the newest complete one counts, and the newest drill that passed', () => {
    const passed = (day: number) => ({ at: new Date(Date.UTC(2026, 10, day, 4)), passed: true })
    const all = [
      held(2, { drill: passed(25) }), // a drill of a random, older one, run later
      held(6, { complete: false }),
      held(5, { drill: { at: new Date('2026-11-26T04:00:00Z'), passed: false } }),
      held(4, { drill: passed(24) }),
    ]
    expect(values(backupMetrics('lab', all, manifest))).toEqual({
      backup_last_timestamp_seconds: seconds('2026-11-25T02:00:00Z'),
      backup_last_size_bytes: 700,
      backup_last_duration_seconds: 90.5,
      backup_verified_timestamp_seconds: seconds('2026-11-25T04:00:00Z'),
      backup_verified_taken_timestamp_seconds: seconds('2026-11-24T02:00:00Z'),
      backups: 3,
      backup_unfinished: 1,
      backup_stored_bytes: 4000,
    })
  })

  test('where there is none, there is no time of it', () => {
    expect(values(backupMetrics('lab', [], undefined))).toEqual({
      backups: 0,
      backup_unfinished: 0,
      backup_stored_bytes: 0,
    })
  })
})

test('of a drill: that it failed is a figure, and what it could not measure is none', () => {
  const times = { startedAt: '2026-11-25T04:00:00Z', finishedAt: '2026-11-25T04:02:00Z' }
  expect(values(drillMetrics('lab', { ...times, ok: false, rpoSeconds: 7200 }))).toEqual({
    drill_last_timestamp_seconds: seconds(times.finishedAt),
    drill_last_passed: 0,
    drill_last_duration_seconds: 120,
    drill_rpo_seconds: 7200,
  })
  expect(values(drillMetrics('lab', { ...times, ok: true, rtoSeconds: 90 }))).toMatchObject({
    drill_last_passed: 1,
    drill_rto_seconds: 90,
  })
})

describe('where they go', () => {
  test.each([
    ['/x/y.prom', { QUAYSIDE_METRICS_DIR: '/m' }, '/x/y.prom'],
    [undefined, { QUAYSIDE_METRICS_DIR: '/m' }, '/m/quayside_drill_lab.prom'],
    [undefined, { QUAYSIDE_METRICS_DIR: '' }, undefined],
    [undefined, {}, undefined],
  ])('--metrics %s and %o: %s', (given, environ, path) =>
    expect(metricsPath(given, 'lab', 'drill', environ)).toBe(path),
  )

  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-metrics-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('a file that others may read takes the place of the one before, and nothing else is left', async () => {
    const path = join(folder, 'quayside_backup_lab.prom')
    const umask = process.umask(0o077)
    try {
      await writeMetrics(path, [one(1)])
      await writeMetrics(path, [one(2)])
    } finally {
      process.umask(umask)
    }
    expect(readFileSync(path, 'utf8')).toBe(exposition([one(2)]))
    expect(statSync(path).mode & 0o777).toBe(0o644)
    expect(readdirSync(folder)).toEqual(['quayside_backup_lab.prom'])
  })

  test('a folder that is not there is named, with what to do', async () => {
    const path = join(folder, 'none/x.prom')
    await expect(writeMetrics(path, [one(1)])).rejects.toMatchObject({
      message: expect.stringContaining(`cannot write metrics to ${path}: ENOENT`),
      hint: expect.stringContaining('must be there'),
    })
  })
})
