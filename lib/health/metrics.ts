import type { Metric, Sample } from '../metrics/exposition.ts'
import { type Finding, worst } from './check.ts'

/** Findings as Prometheus takes them: one sample for each service and layer of a host, by the worst that was found. */
export function healthMetrics(env: string, findings: readonly Finding[], now: Date): readonly Metric[] {
  const groups = new Map<string, Finding[]>()
  for (const each of findings) {
    const key = JSON.stringify([each.host, each.service, each.layer])
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  const samples = (value: (group: readonly Finding[]) => number): Sample[] =>
    [...groups.values()].flatMap((group) => {
      const [first] = group
      if (first === undefined) return []
      const { host, service, layer } = first
      return [{ labels: { env, host, service, layer }, value: value(group) }]
    })
  const verdict = (group: readonly Finding[]) => worst(group.map((each) => each.verdict))
  const shown = findings.filter((each) => each.daysLeft !== undefined)
  return [
    {
      name: 'quayside_health',
      help: '0 where something of the service failed in this layer, else 1.',
      type: 'gauge',
      samples: samples((group) => (verdict(group) === 'failed' ? 0 : 1)),
    },
    {
      name: 'quayside_health_warning',
      help: '1 where there is a warning and nothing failed, else 0.',
      type: 'gauge',
      samples: samples((group) => (verdict(group) === 'warning' ? 1 : 0)),
    },
    {
      name: 'quayside_health_check_seconds',
      help: 'How long the slowest check of it took.',
      type: 'gauge',
      samples: samples((group) => Math.max(...group.map(({ ms }) => ms)) / 1000),
    },
    {
      name: 'quayside_tls_days_left',
      help: 'Days until the first certificate of the chain that is shown expires.',
      type: 'gauge',
      samples: shown.map(({ host, service, daysLeft = 0 }) => ({
        labels: { env, host, service },
        value: Math.round(daysLeft * 100) / 100,
      })),
    },
    {
      name: 'quayside_health_last_timestamp_seconds',
      help: 'When health was looked at last.',
      type: 'gauge',
      samples: [{ labels: { env }, value: Math.round(now.getTime() / 1000) }],
    },
  ]
}
