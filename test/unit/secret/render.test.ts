import { describe, expect, test } from 'vitest'
import { isSecret, render, Secret, TemplateError } from '../../../lib/secret/index.ts'

const vars = {
  port: 6379,
  tls: true,
  server: { name: 'cache-1', limits: { clients: 100 } },
  lists: ['first', 'second'],
  lines: 'one\ntwo\n\nthree\n',
  nothing: null,
  missing: undefined,
  broken: Number.NaN,
  password: new Secret('hunter2'),
}

test.each([
  ['port {{ port }}\n', 'port 6379\n'],
  ['{{port}}/{{ server.name }}/{{ server.limits.clients }}', '6379/cache-1/100'],
  ['{{ lists.1 }}', 'second'],
  ['tls {{ tls }}', 'tls true'],
  ['{{ "{{" }} .Names }}', '{{ .Names }}'],
  ["{{ '{%' }}", '{%'],
  ['  {{ lines }}end', '  one\n  two\n\n  three\nend'],
  ['a { b } ${c} {d}', 'a { b } ${c} {d}'],
  ['{{\n  port\n}}', '6379'],
  ['', ''],
])('%j', (template, text) => {
  expect(render(template, vars)).toBe(text)
})

test('a secret makes all of it secret', () => {
  const made = render('requirepass {{ password }}\nport {{ port }}\n', vars)
  expect(isSecret(made) && made.reveal()).toBe('requirepass hunter2\nport 6379\n')
  expect(String(made)).toBe('[secret]')
})

describe('what fails, with line and column', () => {
  test.each([
    ['a\n  {{ prot }}', '2:3: `prot` is not defined', 'did you mean `port`?'],
    ['{{ zzz }}', '1:1: `zzz` is not defined', expect.stringMatching(/^defined: port, tls, server, /)],
    ['{{ server.nmae }}', '1:1: `server.nmae` is not defined', 'did you mean `name`?'],
    ['{{ server.limits.x.y }}', '1:1: `server.limits.x` is not defined', 'in `server.limits`: clients'],
    ['{{ port.x }}', '1:1: `port.x` is not defined', 'nothing is in `port`'],
    ['{{ password.reveal }}', '1:1: `password.reveal` is not defined', 'nothing is in `password`'],
    ['{{ toString }}', '1:1: `toString` is not defined', expect.anything()],
    ['{{ lists.2 }}', '1:1: `lists.2` is not defined', 'did you mean `0`?'],
    ['x {{ missing }}', '1:3: `missing` is undefined', undefined],
    ['{{ nothing }}', '1:1: `nothing` is null', 'a template takes text, numbers and booleans'],
    ['{{ broken }}', '1:1: `broken` is NaN', 'a template takes text, numbers and booleans'],
    ['{{ server }}', '1:1: `server` is a mapping', 'a template takes text, numbers and booleans'],
    ['{{ lists }}', '1:1: `lists` is a list', 'a template takes text, numbers and booleans'],
    [
      "{{ port | default('1') }}",
      "1:1: `{{ port | default('1') }}` is not a name",
      expect.stringMatching(/names/),
    ],
    ['{{ .Names }}', '1:1: `{{ .Names }}` is not a name', expect.stringContaining('`{{ "{{" }}` for braces')],
    [
      '{% if tls %}',
      '1:1: `{%` has no meaning here: a template has no statements',
      expect.stringMatching(/in the role/),
    ],
    ['\n{# note #}', '2:1: `{#` has no meaning here: a template has no comments', expect.anything()],
    ['{{ port', '1:1: `{{` is not closed', 'for the braces themselves: `{{ "{{" }}`'],
  ])('%j', (template, message, hint) => {
    const failing = () => render(template, vars, 'redis.conf')
    expect(failing).toThrow(TemplateError)
    expect(failing).toThrow(expect.objectContaining({ message: `redis.conf:${message}`, hint }))
  })
})
