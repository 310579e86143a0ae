import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  absentComposeProject,
  absentDockerNetwork,
  composeProject,
  dockerNetwork,
  dockerVolume,
  image,
} from '../../../lib/resource/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { applied, table } from './observe.ts'

describe('what docker shows of images, networks and volumes becomes a plan', () => {
  const inner = dockerNetwork('app', { internal: true, subnet: '10.9.0.0/24' })
  table([
    { when: 'the image', resource: image('redis:7'), stdout: 'id=sha256:1\n', plan: 'unchanged' },
    { when: 'no image', resource: image('redis:7'), stdout: 'absent=yes\n', plan: 'change: pull' },
    {
      when: 'a daemon that does not answer',
      resource: image('redis:7'),
      stderr: 'Cannot connect to the Docker daemon\n',
      code: 3,
      plan: 'unknown: Cannot connect to the Docker daemon',
    },
    { when: 'no network', resource: inner, stdout: 'absent=yes\n', plan: 'change: create' },
    {
      when: 'the network',
      resource: inner,
      stdout: 'internal=true\nsubnet=10.9.0.0/24 \n',
      plan: 'unchanged',
    },
    {
      when: 'a network that differs',
      resource: inner,
      stdout: 'internal=false\nsubnet=10.8.0.0/24 \n',
      plan: 'change: replace: internal false → true, subnet 10.8.0.0/24 → 10.9.0.0/24',
    },
    {
      when: 'a network of any subnet',
      resource: dockerNetwork('app'),
      stdout: 'internal=false\nsubnet=10.8.0.0/24 \n',
      plan: 'unchanged',
    },
    {
      when: 'a network that shall not be',
      resource: absentDockerNetwork('app'),
      stdout: 'there=yes\n',
      plan: 'change: remove',
    },
    { when: 'no volume', resource: dockerVolume('data'), stdout: 'absent=yes\n', plan: 'change: create' },
    { when: 'the volume', resource: dockerVolume('data'), stdout: 'there=yes\n', plan: 'unchanged' },
  ])

  test('names and references that are options are refused', () => {
    expect(() => image('--all-tags')).toThrow(TypeError)
    expect(() => dockerVolume('-f')).toThrow(TypeError)
    expect(() => dockerNetwork('app', { subnet: 'all' })).toThrow(TypeError)
  })
})

describe('what a Compose project shows becomes a plan', () => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  const yaml = 'services: {web: {image: a}}\n'
  const env = "TOKEN='hush'\n"
  const web = composeProject('web', { content: yaml, env: { TOKEN: new Secret('hush') } })
  const whole = sha(
    JSON.stringify([
      ['compose.yaml', sha(yaml)],
      ['.env', sha(env)],
    ]),
  )
  const files = (first = sha(yaml)) =>
    `#part\nstanding=41c0 root root 0 0\n#part\nstanding=8180 root root 0 0\nsha256=${first}\n#part\nstanding=8180 root root 0 0\nsha256=${sha(env)}\n`
  const state = `#state\nhash ${whole}\nservice web\nservice cache\n`
  table([
    {
      when: 'all files and services',
      resource: web,
      stdout: `${files()}${state}#containers\nweb running\ncache running\n`,
      plan: 'unchanged',
    },
    {
      when: 'a service that ended, and one that is gone',
      resource: web,
      stdout: `${files()}${state}#containers\nweb exited\n`,
      plan: 'change: web does not run, cache does not run',
    },
    {
      when: 'a file that someone changed',
      resource: web,
      stdout: `${files('0')}${state}#containers\nweb running\ncache running\n`,
      plan: 'change: compose.yaml: content changed (too big for a diff)',
    },
    {
      when: 'files that were never brought up',
      resource: web,
      stdout: `${files()}#state\n#containers\n`,
      plan: 'change: up',
    },
    { when: 'nothing, as wanted', resource: absentComposeProject('web'), plan: 'unchanged' },
    {
      when: 'what shall not be',
      resource: absentComposeProject('web'),
      stdout: 'directory\n',
      plan: 'change: remove',
    },
  ])

  test('a secret of .env is in no text that a person sees', () => {
    const plan = web.plan({
      stdout: '#part\nstanding=absent\n#part\nstanding=absent\n#part\nstanding=absent\n#state\n#containers\n',
      stderr: '',
      code: 0,
    })
    expect(JSON.stringify(plan) + String(plan.kind === 'change' && plan.apply)).not.toMatch(/hush|VE9LRU4/)
    expect(applied(plan)).toContain('up -d --wait --wait-timeout 180 --remove-orphans')
  })

  test('a value that .env could not hold is refused', () => {
    expect(() => composeProject('web', { content: yaml, env: { A: "it's" } })).toThrow('holds a quote')
    expect(() => composeProject('Web', { content: yaml })).toThrow(TypeError)
  })
})
