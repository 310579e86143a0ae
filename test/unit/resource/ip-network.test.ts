import { expect, test } from 'vitest'
import { covers, networkText, readNetwork, withoutOverlaps } from '../../../lib/resource/ip-network.ts'

test.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7/32', '192.0.2.7'],
  ['::', '::'],
  ['::/0', '::/0'],
  ['::1', '::1'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['fe80::a0:0:0:0', 'fe80::a0:0:0:0'],
  ['1:0:0:2::', '1:0:0:2::'],
  ['::ffff:192.0.2.128', '::ffff:c000:280'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
])('%s is %s', (given, shown) => {
  const network = readNetwork(given)
  expect(networkText(network)).toBe(shown)
  expect(readNetwork(shown)).toEqual(network)
})

test.each([
  '',
  'db-1',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  ':::',
  '::/129',
  'fe80::1%eth0',
  ' 10.0.0.1',
])('%j is none', (given) => {
  expect(() => readNetwork(given)).toThrow(/^network must be an IP address or a network like/)
})

test('bits beyond the prefix are a mistake, and both ways out of it are named', () => {
  expect(() => readNetwork('10.1.2.3/8', 'from')).toThrow(
    'from has bits beyond its prefix: 10.1.2.3/8 (the network is 10.0.0.0/8, the address alone 10.1.2.3)',
  )
  expect(() => readNetwork('2001:db8::1/64')).toThrow('the network is 2001:db8::/64')
})

test('one network covers another of its family', () => {
  const covered = (outer: string, inner: string) => covers(readNetwork(outer), readNetwork(inner))
  expect(covered('10.0.0.0/8', '10.255.255.255')).toBe(true)
  expect(covered('10.0.0.0/8', '11.0.0.0')).toBe(false)
  expect(covered('10.0.0.0/9', '10.0.0.0/8')).toBe(false)
  expect(covered('0.0.0.0/0', '203.0.113.9')).toBe(true)
  expect(covered('::/0', '10.0.0.1')).toBe(false)
  expect(covered('2001:db8::/33', '2001:db8:8000::1')).toBe(false)
  expect(covered('::/0', 'ffff::')).toBe(true)
})

test('what overlaps is told once, in order', () => {
  const kept = withoutOverlaps(
    ['::1', '10.2.0.0/16', '10.0.0.0/8', '9.0.0.1', '10.0.0.0/8', '::/64', '9.0.0.0'].map((each) =>
      readNetwork(each),
    ),
  )
  expect(kept.map(networkText)).toEqual(['9.0.0.0', '9.0.0.1', '10.0.0.0/8', '::/64'])
})
