import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import { Secret } from '../../../lib/secret/index.ts'

// As an S3 server whose disks are full may be: connections are taken, and no request is ever answered.
const sockets = new Set<Socket>()
const silent = createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {}).resume()
})
silent.listen(0, '127.0.0.1')
await once(silent, 'listening')
const { port } = silent.address() as AddressInfo
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  silent.close()
})

const settings = {
  bucket: 'quayside',
  prefix: '',
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  path_style: true,
  access_key: new Secret('an access key'),
  secret_key: new Secret('a secret key'),
}
const patience = { attempts: 3, first: 1, most: 1, connect: 1_000, idle: 300 }

test('a store that does not answer is told of while it is waited for, once for all that wait', async () => {
  const said: string[] = []
  const store = await s3Store(settings, {
    patience: { ...patience, quiet: 200 },
    tell: (text) => said.push(text),
  })
  const both = await Promise.allSettled([store.stat('a'), store.stat('b')])
  for (const each of both) expect(each).toMatchObject({ reason: { reason: 'unreachable' } })
  expect(said).toHaveLength(2)
  expect(said[0]).toMatch(
    /s3:\/\/quayside at http:\S+: cannot look at [ab]: it does not answer in time .*; attempt 1 of 3.*disks are full/,
  )
  store.close()
})

test('what lasts less long than that is not worth a word', async () => {
  const said: string[] = []
  const store = await s3Store(settings, {
    patience: { ...patience, quiet: 60_000 },
    tell: (text) => said.push(text),
  })
  await expect(store.stat('a')).rejects.toThrow('does not answer in time')
  expect(said).toEqual([])
  store.close()
})
