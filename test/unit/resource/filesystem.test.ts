import { describe, expect, test } from 'vitest'
import { Conflict, dockerVolume, filesystem } from '../../../lib/resource/index.ts'
import { table } from './observe.ts'

const data = filesystem('/dev/disk/by-id/data', 'ext4')
const blank = 'code=2\nheld=\n'

describe('what is on a device becomes a plan', () => {
  table([
    { when: 'nothing', resource: data, stdout: blank, plan: 'change: make ext4' },
    { when: 'what is wanted', resource: data, stdout: 'TYPE=ext4\ncode=0\nheld=\n', plan: 'unchanged' },
    {
      when: 'no device',
      resource: data,
      stdout: 'absent=yes\n',
      plan: 'unknown: /dev/disk/by-id/data is no block device: is the disk attached?',
    },
  ])

  test.each([
    ['another file system', 'TYPE=xfs\ncode=0\nheld=\n', 'holds xfs, and ext4 is wanted'],
    ['a partition table', 'PTTYPE=gpt\ncode=0\nheld=\n', 'holds a partition table (gpt)'],
    ['part of a logical volume', 'code=2\nheld=dm-0 \n', 'holds what dm-0 is made of'],
    ['more than one thing', 'code=8\nheld=\n', 'holds something that blkid cannot name'],
    ['what cannot be read', 'code=4\nheld=\n', 'holds something that blkid cannot name'],
  ])('%s is left alone', (_, stdout, message) => {
    const plan = () => data.plan({ stdout, stderr: '', code: 0 })
    expect(plan).toThrow(Conflict)
    expect(plan).toThrow(message)
  })

  test('without mkfs it says what the host lacks', () => {
    const plan = data.plan({ stdout: `${blank}lacks=yes\n`, stderr: '', code: 0 })
    expect(plan).toMatchObject({ kind: 'change', lacks: 'mkfs.ext4 is not installed' })
  })

  test('a device is named by its path', () => {
    expect(() => filesystem('UUID=1-2', 'ext4')).toThrow('must be absolute')
  })
})

describe('a volume on a disk of its own', () => {
  const volume = dockerVolume('data', { directory: '/srv/disk/data' })
  table([
    { when: 'no volume', resource: volume, stdout: 'absent=yes\n', plan: 'change: create' },
    {
      when: 'the volume',
      resource: volume,
      stdout: 'there=yes\ndirectory=/srv/disk/data\n',
      plan: 'unchanged',
    },
    {
      when: 'it is there and nobody asks where',
      resource: dockerVolume('data'),
      stdout: 'there=yes\ndirectory=/srv/disk/data\n',
      plan: 'unchanged',
    },
  ])

  test.each([
    ['directory=\n', "in docker's own place"],
    ['directory=/srv/other\n', 'in /srv/other'],
  ])('one that is elsewhere is left to a person: %j', (line, where) => {
    const plan = () => volume.plan({ stdout: `there=yes\n${line}`, stderr: '', code: 0 })
    expect(plan).toThrow(Conflict)
    expect(plan).toThrow(`the volume data has its data ${where}`)
  })
})
