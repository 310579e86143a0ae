import { describe, expect, test } from 'vitest'
import { parseUpgradable } from '../../../lib/scan/upgradable.ts'

test('what apt lists, packages of another architecture by it', () => {
  const said = [
    'Listing...',
    'apt/oldstable-security 2.6.2 amd64 [upgradable from: 2.6.1]',
    'ca-certificates/oldstable-security 20250419~deb12u2 all [upgradable from: 20230311+deb12u1]',
    'libssl3/oldstable-security,now 3.0.22-1~deb12u2 i386 [upgradable from: 3.0.20-1~deb12u2]',
    'bind9-host/stable-security 1:9.18.33-1~deb12u2 amd64 [upgradable from: 1:9.18.28-1~deb12u2]',
    '',
  ].join('\n')
  expect(parseUpgradable(said, 'amd64')).toEqual([
    { name: 'apt', installed: '2.6.1', candidate: '2.6.2' },
    { name: 'ca-certificates', installed: '20230311+deb12u1', candidate: '20250419~deb12u2' },
    { name: 'libssl3:i386', installed: '3.0.20-1~deb12u2', candidate: '3.0.22-1~deb12u2' },
    { name: 'bind9-host', installed: '1:9.18.28-1~deb12u2', candidate: '1:9.18.33-1~deb12u2' },
  ])
})

test('nothing is pending', () => expect(parseUpgradable('Listing...\n', 'amd64')).toEqual([]))

describe('what is not understood may be a fix', () => {
  test.each([
    'apt/oldstable-security 2.6.2 amd64 [residual-config]',
    'apt 2.6.2 -> 2.6.3',
    '\u001b[31mapt/x 1 amd64 [upgradable from: 0]',
  ])('%j', (line) => {
    expect(() => parseUpgradable(`Listing...\n${line}\n`, 'amd64')).toThrow(/was not understood/)
  })
})
