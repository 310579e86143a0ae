import { describe, expect, test } from 'vitest'
import { absentMount, mount, swap } from '../../../lib/resource/index.ts'
import { table } from './observe.ts'

const fstab = (text: string) => `fstab=${Buffer.from(text).toString('base64')}\n`
const line = 'UUID=ab-12 /srv/my\\040data ext4 noatime 0 2\n'
const theirs = '# theirs\n/dev/sda1\t/  ext4 errors=remount-ro 0 1\n'
const data = mount('/srv/my data', { device: 'UUID=ab-12', type: 'ext4', options: 'noatime', pass: 2 })
const tmp = mount('/srv/t', { device: 'tmpfs', type: 'tmpfs', options: 'size=1m' })

describe('what fstab and the kernel say becomes a plan', () => {
  table([
    {
      when: 'both as wanted',
      resource: data,
      stdout: `${fstab(theirs + line)}live=ext4 rw,noatime /dev/sdb1\nsame=yes\n`,
      plan: 'unchanged',
    },
    {
      when: 'neither',
      resource: data,
      stdout: fstab(theirs),
      plan: 'change: mount, /etc/fstab changed',
      diff: '@@ -1,2 +1,3 @@\n # theirs\n /dev/sda1\t/  ext4 errors=remount-ro 0 1\n+UUID=ab-12 /srv/my\\040data ext4 noatime 0 2',
    },
    { when: 'the line alone', resource: data, stdout: fstab(line), plan: 'change: mount' },
    {
      when: 'mounted read-only, and without an option',
      resource: data,
      stdout: `${fstab(line)}live=ext4 ro /dev/sdb1\nsame=yes\n`,
      plan: 'change: remount: noatime, rw',
    },
    {
      when: 'another device there',
      resource: data,
      stdout: `${fstab(line)}live=ext4 rw,noatime /dev/sdc1\n`,
      plan: 'change: mount anew: something else is mounted there',
    },
    {
      when: 'a tmpfs of another size',
      resource: tmp,
      stdout: `${fstab('tmpfs /srv/t tmpfs size=1m 0 0\n')}live=tmpfs rw,size=2048k tmpfs\nsame=yes\n`,
      plan: 'change: remount: size=1024k',
    },
    {
      when: 'a line to take away, its twin too, and others stay',
      resource: absentMount('/srv/my data'),
      stdout: fstab(line + theirs + line),
      plan: 'change: /etc/fstab changed',
    },
    {
      when: 'nothing to take away',
      resource: absentMount('/srv/t'),
      stdout: fstab(theirs),
      plan: 'unchanged',
    },
    {
      when: 'swap that is used',
      resource: swap('/swapfile'),
      stdout: `${fstab('/swapfile none swap sw 0 0\n')}used=yes\n`,
      plan: 'unchanged',
    },
    {
      when: 'swap that is not',
      resource: swap('/swapfile', { priority: 3 }),
      stdout: fstab(''),
      plan: 'change: use, /etc/fstab changed',
    },
    {
      when: 'a file at the path',
      resource: tmp,
      stdout: 'file=yes\n',
      plan: 'unknown: /srv/t is no directory',
    },
  ])
})

test('what fstab could not hold is refused', () => {
  expect(() => mount('srv', { device: 'tmpfs', type: 'tmpfs' })).toThrow('path must be absolute')
  expect(() => mount('/srv/t', { device: 'tmpfs', type: 'tmpfs', options: 'a b' })).toThrow(
    'options must match',
  )
  expect(() => mount('/srv/t', { device: '/dev/sdb', type: 'swap' })).toThrow('use swap()')
  expect(() => swap('swapfile')).toThrow('device must match')
})
