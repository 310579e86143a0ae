import { expect, test } from 'vitest'
import { parseLooked } from '../../../lib/scan/look.ts'

const head = 'brought\ndigest reg:5000/web@sha256:1\ndigest reg:5000/api@sha256:2\nid sha256:3\n'
const parse = (text: string, image = 'reg:5000/api:v1') => parseLooked(image, '/tmp/x/0', text)

test('what was read of an image', () => {
  expect(
    parse(`${head}packages 88\narchitecture arm64\narchitecture i386\nos-release\nID=debian\nX=\n`),
  ).toEqual({
    image: 'reg:5000/api:v1',
    digest: 'reg:5000/api@sha256:2',
    brought: true,
    osRelease: 'ID=debian\nX=\n',
    packages: 88,
    architectures: ['arm64', 'i386'],
    status: '/tmp/x/0/status',
  })
})

test('an image of no registry goes by its id, and may have neither packages nor an os-release', () => {
  expect(parse('id sha256:3\nos-release\n', 'built:here')).toMatchObject({
    digest: 'sha256:3',
    brought: false,
    osRelease: '',
    packages: 0,
    architectures: [],
  })
})

test('what was cut off is no answer', () => {
  expect(() => parse(`${head}packages 88\n`)).toThrow('reg:5000/api:v1: what was read of it is not whole')
})

test('an architecture that would say something to a shell or to apt is refused', () => {
  expect(() => parse(`id x\npackages 1\narchitecture amd64";APT::x\nos-release\n`)).toThrow(
    'has packages for amd64";APT::x, which is no architecture',
  )
})
