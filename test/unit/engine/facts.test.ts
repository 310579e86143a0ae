import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, hostname, release, totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { factsScript, readFacts } from '../../../lib/engine/facts.ts'
import { cpusIn, virtualizationOf } from '../../../lib/engine/machine.ts'

test('of a virtual machine with Debian 13', () => {
  const printed = `os=debian
version=13
codename=trixie
hostname=db-1
kernel=6.12.57+deb13-amd64
boot=204ee0de-ea75-49e3-8276-b79848dc6d2a
pid1=1 (systemd) S 0 1 1 0 -1 4194560 9 8 7 6 5 4 3 2 20 0 1 0 31 23 22
container=
vendor=QEMU
product=Standard PC (Q35 + ICH9, 2009)
online=0-3
systemd=yes
memoryKb=8145872
swapKb=2097148
localtime=/usr/share/zoneinfo/Europe/Berlin
machine=x86_64
route=192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.31 uid 0 \\    cache
disk=Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda1         264212084 33433208  72957704      32% /
`
  expect(readFacts(printed)).toEqual({
    hostname: 'db-1',
    os: 'debian',
    version: '13',
    codename: 'trixie',
    architecture: 'amd64',
    kernel: '6.12.57+deb13-amd64',
    bootId: '204ee0de-ea75-49e3-8276-b79848dc6d2a 31',
    virtualization: 'kvm',
    cpus: 4,
    memoryMb: 7954,
    swapMb: 2047,
    diskFreeMb: 71247,
    ipv4: '10.0.0.31',
    timezone: 'Europe/Berlin',
    systemd: true,
  })
})

test('of a small container: without ip, DMI, /sys, and with /etc/timezone', () => {
  const facts = readFacts(
    'os=alpine\nversion=3.20.1\ncodename=\ncpus=2\ndockerenv=yes\nlocaltime=Etc/UTC\nmachine=aarch64\nroute=\ndisk=\n',
  )
  expect(facts).toMatchObject({
    codename: '',
    architecture: 'arm64',
    virtualization: 'docker',
    cpus: 2,
    ipv4: '',
    timezone: 'Etc/UTC',
    diskFreeMb: 0,
    systemd: false,
  })
})

test('the script tells of this machine what Node knows of it', () => {
  const facts = readFacts(execFileSync('sh', { input: factsScript.reveal(), encoding: 'utf8' }))
  const own = readFileSync('/etc/os-release', 'utf8')
  expect(facts).toMatchObject({
    hostname: hostname(),
    kernel: release(),
    architecture: { x64: 'amd64' }[arch()] ?? arch(),
    memoryMb: Math.floor(totalmem() / 1024 / 1024),
    cpus: cpus().length,
    os: /^ID="?([^"\n]*)/m.exec(own)?.[1],
  })
  expect(facts.bootId).toMatch(/^[0-9a-f-]{36} \d+$/)
  expect(facts.diskFreeMb).toBeGreaterThan(0)
})

test.each([
  ['0-3', 4],
  ['0', 1],
  ['0-1,4,6-7', 5],
  ['', 0],
])('the kernel’s list of processors %j', (list, count) => {
  expect(cpusIn(list)).toBe(count)
})

test.each([
  ['lxc', '', '', 'lxc'],
  ['', 'QEMU', 'Standard PC', 'kvm'],
  ['', 'Amazon EC2', 't3.medium', 'amazon'],
  ['', 'Google', 'Google Compute Engine', 'google'],
  ['', 'Microsoft Corporation', 'Virtual Machine', 'microsoft'],
  ['', 'Microsoft Corporation', 'Surface Pro', 'none'],
  ['', 'Hetzner', 'vServer', 'kvm'],
  ['', 'innotek GmbH', 'VirtualBox', 'oracle'],
  ['', 'Dell Inc.', 'PowerEdge R650', 'none'],
])('in %j, by %j %j: %s', (container, vendor, product, virtualization) => {
  expect(virtualizationOf({ container, vendor, product })).toBe(virtualization)
})
