import { describe, expect, test } from 'vitest'
import type { Node } from '../../../../lib/swarm/node.ts'
import type { Expected, ExpectedService } from '../../../../lib/swarm/preflight/expected.ts'
import { type Asked, judge, type Seen } from '../../../../lib/swarm/preflight/judge.ts'
import type { ImageSeen, NodeLook } from '../../../../lib/swarm/preflight/node-look.ts'

const node = (name: string, more: Partial<Node> = {}): Node => ({
  id: name,
  hostname: name,
  role: 'manager',
  availability: 'active',
  labels: { edge: 'true' },
  state: 'ready',
  leader: false,
  reachable: true,
  ...more,
})
const here: ImageSeen = { kind: 'here' }
const look = (more: Partial<NodeLook> = {}): NodeLook => ({
  clock: { first: 0, last: 0 },
  docker: 'there',
  disks: [{ mount: '/var/lib/docker', freeMb: 9000 }],
  ipvs: true,
  esp: false,
  published: [],
  runs: [],
  listening: [],
  images: new Map([
    ['api@1', here],
    ['nginx@1', here],
  ]),
  ...more,
})
const asked = (one: Node, more: Partial<NodeLook> = {}, ahead = 0): Asked => ({
  name: one.hostname,
  node: one,
  look: look(more),
  ahead,
  doubt: 0.2,
})
const api: ExpectedService = { name: 'api', image: 'api@1', constraints: [], virtual: false, ports: [] }
const nginx: ExpectedService = {
  name: 'nginx',
  image: 'nginx@1',
  constraints: ['node.labels.edge == true'],
  virtual: false,
  ports: [443],
}
const [a, b, c] = [node('a'), node('b'), node('c')]
const expected: Expected = {
  stack: 'agentlab',
  services: [api, nginx],
  encrypted: false,
  diskFreeMb: 2048,
  connections: { containers: 3, each: 20, most: 80 },
  keepalives: [{ service: 'postgres', seconds: 60 }],
}

/** What is not well: "disk failed: …". */
function bad(seen: Partial<Seen>, more: Partial<Expected> = {}): readonly string[] {
  const all: Seen = { nodes: [a, b, c], silent: [], asked: [asked(a), asked(b), asked(c)], ...seen }
  return judge(all, { ...expected, ...more })
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ subject, verdict, seen }) => `${subject} ${verdict}: ${seen}`)
}

test('where all is well there is a line for each subject', () => {
  const seen: Seen = { nodes: [a, b, c], silent: [], asked: [asked(a), asked(b), asked(c)] }
  expect(judge(seen, expected).map(({ subject, verdict, seen }) => `${subject} ${verdict}: ${seen}`)).toEqual(
    [
      'nodes ok: 3 are ready',
      'placement ok: each of 2 services fits a node',
      'quorum ok: 3 of 3 managers are reachable',
      'disk ok: 9000 MB free at least (a)',
      'images ok: 6 are on their nodes, 0 can be pulled',
      'ports ok: 3 are free, or held by this stack',
      'ipvs ok: not needed: every service is dnsrr',
      'idle ok: postgres asks after 60 s',
      'connections ok: 3 containers of the api with 20 connections each, of 80',
      'clock ok: less than 2 s apart',
    ],
  )
})

describe('nodes, placement, quorum', () => {
  const down = node('c', { state: 'down', reachable: false })
  const paused = node('c', { availability: 'pause', labels: { postgres: 'true' } })
  test.each<[string, Partial<Seen>, Partial<Expected>, readonly string[]]>([
    [
      'one of three managers is down',
      { nodes: [a, b, down], silent: ['c'], asked: [asked(a), asked(b)] },
      {},
      [
        'nodes warning: c is down: it gets no task',
        'nodes warning: c cannot be asked',
        'quorum warning: 2 of 3 managers are reachable: the next loss is that of the swarm',
      ],
    ],
    [
      'most are',
      { nodes: [a, node('b', { reachable: false }), node('c', { reachable: false })] },
      {},
      ['quorum failed: 1 of 3 managers are reachable, and 2 have to be'],
    ],
    [
      'a swarm of one manager',
      { nodes: [a, node('w', { role: 'worker', reachable: false })], asked: [asked(a)] },
      {},
      [],
    ],
    [
      'one is drained',
      { nodes: [a, b, node('c', { availability: 'drain' })] },
      {},
      ['nodes warning: c: drain, it gets no task'],
    ],
    [
      'the only one that fits is down',
      { nodes: [a, b, { ...down, labels: { postgres: 'true' } }], asked: [asked(a), asked(b)] },
      { services: [{ ...api, name: 'postgres', constraints: ['node.labels.postgres == true'] }] },
      [
        'nodes warning: c is down: it gets no task',
        'placement failed: no node that is ready fits postgres: node.labels.postgres == true',
        'quorum warning: 2 of 3 managers are reachable: the next loss is that of the swarm',
      ],
    ],
    [
      'the only one that fits is paused, and has it already',
      { nodes: [a, b, paused], asked: [asked(a), asked(b), asked(paused, { runs: ['agentlab_postgres'] })] },
      { services: [{ ...api, name: 'postgres', constraints: ['node.labels.postgres == true'] }] },
      [
        'nodes warning: c: pause, it gets no task',
        'placement warning: postgres stays on c, which is paused: changed, it would fit no node',
      ],
    ],
    [
      'the only one that fits is paused, and has it not',
      { nodes: [a, b, paused], asked: [asked(a), asked(b), asked(paused, { runs: ['blog_postgres'] })] },
      { services: [{ ...api, name: 'postgres', constraints: ['node.labels.postgres == true'] }] },
      [
        'nodes warning: c: pause, it gets no task',
        'placement failed: no node that is ready fits postgres: node.labels.postgres == true',
      ],
    ],
    [
      'an engine that hangs',
      { asked: [asked(a), asked(b), asked(c, { docker: 'silent', disks: [] })] },
      {},
      ['nodes failed: c: its engine does not answer'],
    ],
  ])('%s', (_, seen, more, said) => {
    expect(bad(seen, more)).toEqual(said)
  })
})

describe('what a node says', () => {
  const on = (more: Partial<NodeLook>) => ({ asked: [asked(a), asked(b), asked(c, more)] })
  const small = { disks: [{ mount: '/var/lib/docker', freeMb: 300 }] }
  const away: ImageSeen = { kind: 'missing', why: 'dial tcp 10.0.0.9:5000: connect: connection refused' }
  const there: ImageSeen = { kind: 'there', digest: 'sha256:1' }
  const images = (api: ImageSeen) =>
    new Map([
      ['api@1', api],
      ['nginx@1', here],
    ])
  test.each<[string, Partial<NodeLook>, readonly string[]]>([
    [
      'a small disk, and nothing to pull',
      small,
      ['disk warning: c: 300 MB free in /var/lib/docker, less than 2048'],
    ],
    [
      'a small disk, and an image to pull',
      { ...small, images: images(there) },
      ['disk failed: c: 300 MB free in /var/lib/docker, less than 2048, and images are to be pulled'],
    ],
    [
      'a registry that it does not reach',
      { images: images(away) },
      ['images failed: c cannot have api@1: dial tcp 10.0.0.9:5000: connect: connection refused'],
    ],
    ['an image that can be pulled', { images: images(there) }, []],
    [
      'a port held by a program',
      { listening: [{ port: 443, program: 'apache2' }] },
      ['ports failed: c: port 443 is held by apache2'],
    ],
    [
      'a port held by a container',
      {
        published: [{ port: 443, service: '', name: 'proxy' }],
        listening: [{ port: 443, program: 'docker-proxy' }],
      },
      ['ports failed: c: port 443 is held by the container proxy'],
    ],
    [
      'a port held by another stack',
      { published: [{ port: 443, service: 'blog_nginx', name: 'blog_nginx.1.x' }] },
      ['ports failed: c: port 443 is held by blog_nginx'],
    ],
    [
      'a port held by this stack',
      {
        published: [{ port: 443, service: 'agentlab_nginx', name: 'agentlab_nginx.x.y' }],
        listening: [{ port: 443, program: 'docker-proxy' }],
      },
      [],
    ],
    ['a port of a container that just starts', { listening: [{ port: 443, program: 'docker-proxy' }] }, []],
    ['no IPVS, and none needed', { ipvs: false }, []],
  ])('%s', (_, more, said) => {
    expect(bad(on(more))).toEqual(said)
  })

  test('no edge: its ports are its own affair', () => {
    const worker = node('c', { role: 'worker', labels: {} })
    const seen = {
      nodes: [a, b, worker, node('d')],
      asked: [asked(worker, { listening: [{ port: 443, program: 'nc' }] })],
    }
    expect(bad(seen)).toEqual([])
  })

  test('no IPVS, and a service with an address of its own', () => {
    expect(bad(on({ ipvs: false }), { services: [{ ...api, virtual: true }] })).toEqual([
      'ipvs failed: c: its kernel has no IPVS, which api would be reached by; dnsrr needs none',
    ])
  })
})

test('encrypted networks, and a kernel without ESP', () => {
  const seen = { asked: [asked(a, { esp: true }), asked(b)] }
  expect(bad(seen, { encrypted: true })).toEqual([
    'encryption failed: b: its kernel has no ESP, which encrypted networks are made of',
  ])
})

test.each<[string, Partial<Expected>, readonly string[]]>([
  [
    'the kernel’s two hours, by IPVS',
    { keepalives: [{ service: 'api', seconds: 0 }], services: [{ ...api, virtual: true }] },
    ['idle failed: api leaves idle connections to the kernel, and IPVS forgets them after 900 s'],
  ],
  [
    'the same, by dnsrr',
    { keepalives: [{ service: 'api', seconds: 7200 }] },
    ['idle warning: api asks idle connections after 7200 s: firewalls on the way may forget them sooner'],
  ],
  [
    'pools that are too large',
    { connections: { containers: 5, each: 20, most: 80 } },
    [
      'connections failed: 5 containers of the api with 20 connections each are more than the 80 that PostgreSQL has for them',
    ],
  ],
  ['somebody else’s database', { connections: { containers: 5, each: 20, most: undefined } }, []],
])('%s', (_, more, said) => {
  expect(bad({}, more)).toEqual(said)
})

test.each([
  [1, []],
  [3, ['clock warning: c is 2.6 s ahead of a']],
  [-40, ['clock failed: a is 39.6 s ahead of c']],
])('a clock that is %d s ahead', (ahead, said) => {
  expect(bad({ asked: [asked(a), asked(c, {}, ahead)] })).toEqual(said)
})
