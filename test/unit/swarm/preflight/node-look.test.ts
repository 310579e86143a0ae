import { expect, test } from 'vitest'
import { parseNodeLook } from '../../../../lib/swarm/preflight/node-look.ts'

const digest = `sha256:${'a'.repeat(64)}`

test('what a node prints', () => {
  const said = `now=1700000000.100000000
disk=/dev/vda1        41152736 20000000  20480000      50% /
disk=/dev/vdb1        41152736 41000000     20480     100% /var/lib/containerd
ipvs=yes
image=1 200 {"Descriptor":{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"${digest}","size":856},"Platforms":[]}
image=0 here
image=2 404 {"message":"manifest unknown: manifest \\"v9\\" unknown"}
image=3 000 curl: (7) Couldn't connect to server
published=443 agentlab_nginx.abc.def agentlab_nginx
published=80 proxy 
runs=agentlab_nginx
runs=agentlab_api
runs=agentlab_api
runs=
listening=443 docker-proxy
end=1700000002.5
`
  expect(parseNodeLook(said, ['a', 'b', 'c', 'd'])).toEqual({
    clock: { first: 1700000000.1, last: 1700000002.5 },
    docker: 'there',
    disks: [
      { mount: '/', freeMb: 20000 },
      { mount: '/var/lib/containerd', freeMb: 20 },
    ],
    ipvs: true,
    esp: false,
    published: [
      { port: 443, name: 'agentlab_nginx.abc.def', service: 'agentlab_nginx' },
      { port: 80, name: 'proxy', service: '' },
    ],
    runs: ['agentlab_nginx', 'agentlab_api'],
    listening: [{ port: 443, program: 'docker-proxy' }],
    images: new Map([
      ['b', { kind: 'there', digest }],
      ['a', { kind: 'here' }],
      ['c', { kind: 'missing', why: 'manifest unknown: manifest "v9" unknown' }],
      ['d', { kind: 'missing', why: "curl: (7) Couldn't connect to server" }],
    ]),
  })
})

test.each(['none', 'silent'])('without an engine that answers: %s', (docker) => {
  expect(parseNodeLook(`now=1700000000.1\ndocker=${docker}\n`, [])).toMatchObject({
    docker,
    disks: [],
    clock: { first: 1700000000.1, last: 1700000000.1 },
  })
})
