import { expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { logCollector } from '../../../roles/log-collector/role.ts'
import { collectorConf } from '../../../roles/log-collector/rsyslog-conf.ts'
import { logCollectorVars } from '../../../roles/log-collector/schema.ts'
import { logStore } from '../../../roles/log-store/role.ts'
import { storeConf } from '../../../roles/log-store/rsyslog-conf.ts'
import { logStoreVars } from '../../../roles/log-store/schema.ts'
import { context, host, varsOf, visible } from './context.ts'

const keys = {
  log_ca: new Secret('authority-text'),
  log_collector_certificate: new Secret('collector-text'),
  log_collector_key: new Secret('collector-key-text'),
}
const storeKeys = {
  log_ca: keys.log_ca,
  log_store_certificate: new Secret('store-text'),
  log_store_key: new Secret('store-key-text'),
}
const store = host('db-1', '10.0.0.31')
const other = host('app-1', '10.0.0.21')
const group = (name: string) => (name === 'logs' ? [store] : [])

test('without a host that keeps logs a collector is nothing at all', () => {
  const none = context(varsOf(logCollectorVars, {}))
  expect(logCollector.resources(none)).toEqual([])
  expect(logCollector.handlers(none)).toEqual({})
})

test('with one, it must have a certificate, and the error says where to read of it', () => {
  const lacking = context(varsOf(logCollectorVars, { log_ca: keys.log_ca }), { group, host: other })
  expect(() => logCollector.resources(lacking)).toThrow(
    'app-1: db-1 keeps logs, and nothing says by which certificate it is to know app-1',
  )
})

test('two hosts that keep logs are one too many', () => {
  const two = context(varsOf(logCollectorVars, keys), { group: () => [store, other], host: other })
  expect(() => logCollector.resources(two)).toThrow('the group logs has db-1 and app-1: which one keeps')
  const twice = context(varsOf(logStoreVars, storeKeys), { group: () => [store, other] })
  expect(() => logStore.resources(twice)).toThrow('which one keeps')
})

test('rsyslog comes once a host, by whichever role is there first', () => {
  const packages = (each: typeof store) =>
    logCollector
      .resources(context(varsOf(logCollectorVars, keys), { group, host: each }))
      .filter(({ id }) => id.startsWith('packages')).length
  expect([packages(store), packages(other)]).toEqual([0, 1])
})

test('no key shows', () => {
  const seen = [
    visible(logCollector, context(varsOf(logCollectorVars, keys), { group, host: other })),
    visible(logStore, context(varsOf(logStoreVars, storeKeys), { group })),
  ].join('\n')
  expect(seen).toContain('collector.key')
  expect(seen).not.toMatch(/-text/)
})

test('both sides name who they speak with, and what is no plain text is quoted', () => {
  const own = { log_store_port: 2514, log_store_name: 'the-store', log_collector_queue_mb: 100 }
  const sending = collectorConf(own, { host: 'a "b" $c', store: '10.0.0.31' })
  expect(sending).toContain('value="a \\"b\\" \\$c"')
  expect(sending).toContain('tls.permittedPeer=["the-store"]')
  expect(sending).toContain('queue.size="100000"')
  const keeping = storeConf(
    {
      log_store_port: 2514,
      log_collector_name: 'a-collector',
      log_store_keeps: 'files',
      log_store_folder: '/srv/logs',
    },
    '10.0.0.31',
  )
  expect(keeping).toContain('address="10.0.0.31"')
  expect(keeping).toContain('tls.permittedPeer=["a-collector"]')
})

test('in a journal nothing is in files, and the other way round', () => {
  const units = (keeps: string) =>
    visible(logStore, context(varsOf(logStoreVars, { ...storeKeys, log_store_keeps: keeps }), { group }))
  expect(units('files')).toContain('quayside-log-retention.timer')
  expect(units('files')).not.toContain('LogNamespace')
  expect(units('journal')).toContain('LogNamespace=quayside-logs')
  expect(units('journal')).not.toContain('/var/log/quayside-store')
})
