import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { differences, hostsText, isOurs } from '../../../lib/infra/hosts-file.ts'

const edge = { tier: 'edge', host: '203.0.113.7', private_address: '10.40.0.11', jump: null }
const app = (n: number) => ({
  tier: 'app',
  host: `10.40.128.${30 + n}`,
  private_address: `10.40.128.${30 + n}`,
  jump: 'edge-1',
})

test('a group for each tier, hosts by their number, and the way to each', () => {
  const text = hostsText({ user: 'deploy', hosts: { 'app-10': app(10), 'edge-1': edge, 'app-2': app(2) } })
  expect(isOurs(text)).toBe(true)
  expect(text.split('\n').slice(2).join('\n')).toBe(`all:
  vars:
    user: deploy
  children:
    app:
      hosts:
        app-2:
          host: 10.40.128.32
          private_address: 10.40.128.32
          jump: edge-1
        app-10:
          host: 10.40.128.40
          private_address: 10.40.128.40
          jump: edge-1
    edge:
      hosts:
        edge-1:
          host: 203.0.113.7
          private_address: 10.40.0.11
`)
})

test('what comes, goes and changes', () => {
  const before = hostsText({ user: 'deploy', hosts: { 'edge-1': edge, 'app-1': app(1) } })
  const moved = { ...edge, host: '203.0.113.8' }
  const after = hostsText({ user: 'deploy', hosts: { 'edge-1': moved, 'app-2': app(2) } })
  expect(differences(before, after)).toEqual([
    '- app-1 app 10.40.128.31 10.40.128.31 edge-1',
    '+ app-2 app 10.40.128.32 10.40.128.32 edge-1',
    '~ edge-1 edge 203.0.113.7 10.40.0.11 -> edge 203.0.113.8 10.40.0.11',
  ])
  expect(differences(after, after)).toEqual([])
  expect(differences('', after).length).toBe(2)
})

test('the disk apart of a db host is what its database is to be on', () => {
  const db = { ...app(1), tier: 'db', data_device: '/dev/disk/by-id/google-data' }
  const text = hostsText({ user: 'deploy', hosts: { 'edge-1': { ...edge, data_device: null }, 'db-1': db } })
  expect(text).toContain(
    '          jump: edge-1\n          postgres_data_device: /dev/disk/by-id/google-data\n',
  )
  expect(text.match(/data_device/g)).toHaveLength(1)
})

test('a port of its own, and groups of tiers beside the tiers', () => {
  const hosts = { 'app-1': { ...app(1), port: 22021 }, 'edge-1': edge }
  const text = hostsText({ user: 'deploy', hosts }, { logs: ['app', 'db'], none: ['db'] })
  expect(text).toContain('          host: 10.40.128.31\n          port: 22021\n')
  expect(text).toContain('    logs:\n      children:\n        app: {}\n    none:\n      children: {}\n')
  expect(() => hostsText({ user: 'deploy', hosts }, { app: ['edge'] })).toThrow('is a tier, too')
})

describe('a tier by another name', () => {
  const worker = { ...app(1), tier: 'worker' }
  const made = { user: 'deploy', hosts: { 'worker-1': worker, 'edge-1': edge } }
  const tree = (...how: [object?, object?]) =>
    parse(hostsText(made, ...(how as [Record<string, string[]>, Record<string, string>]))).all.children

  test('is the group of its hosts, and part of another tier where groups say so', () => {
    expect(tree({ worker: ['worker', 'edge'], logs: ['edge', 'db'] }, { edge: 'public' })).toEqual({
      public: { hosts: { 'edge-1': { host: '203.0.113.7', private_address: '10.40.0.11' } } },
      worker: { hosts: { 'worker-1': expect.anything() }, children: { public: {} } },
      logs: { children: { public: {} } },
    })
  })

  test('that another tier has: its hosts are in the one group', () => {
    const { worker: group, ...others } = tree({}, { edge: 'worker' })
    expect(Object.keys(group.hosts)).toEqual(['edge-1', 'worker-1'])
    expect(others).toEqual({})
  })

  test('a group of the name that a tier had is a group like any other', () => {
    expect(tree({ edge: ['worker'] }, { edge: 'public' }).edge).toEqual({ children: { worker: {} } })
    expect(() => tree({ public: ['worker'] }, { edge: 'public' })).toThrow('the group public is a tier, too')
  })
})
