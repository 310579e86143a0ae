import { expect, test } from 'vitest'
import { placeholderIn } from '../../../lib/inventory/placeholder.ts'
import { fixture, roleOf } from './fixture.ts'

const made = fixture()

test.each([
  ['db-1.example.com', 'db-1.example.com'],
  ['registry.example.org:5000/api', 'registry.example.org:5000/api'.split(':')[0]],
  ['https://agentlab.example/path', 'agentlab.example'],
  ['ops@example.net', 'example.net'],
  ['host.invalid', 'host.invalid'],
  ['see example.com.', 'example.com'],
  ['example.company', undefined],
  ['my-example.com', undefined],
  ['myexample.com', undefined],
  ['example.com.au', undefined],
  ['registry.internal/example', undefined],
  ['nginx.example.conf', undefined],
])('%s', (text, found) => {
  expect(placeholderIn(text)).toBe(found)
})

test('an unedited example lists the lines to edit', async () => {
  const role = roleOf('app', 'all', {
    image: { type: 'string' },
    names: { type: 'array', items: { type: 'string' } },
  })
  const files = {
    'hosts.yaml': `db:
  hosts:
    db-1.example.com:
    db-2:
      host: db-2.example.com
    db-3.example.com:
      host: 10.0.0.3
`,
    'group_vars/all.yaml': 'image: registry.example.com/api\nnames:\n  - real.test\n  - www.example.org\n',
  }
  expect(
    await made.complaint(files, [role]),
  ).toBe(`inventory/lab/group_vars/all.yaml:1:8: \`image\` still has the example's \`registry.example.com\`: put in your own
inventory/lab/group_vars/all.yaml:4:5: \`names[1]\` still has the example's \`www.example.org\`: put in your own
inventory/lab/hosts.yaml:3:5: host \`db-1.example.com\` is still the example's: put in your own machine
inventory/lab/hosts.yaml:5:13: \`host\` still has the example's \`db-2.example.com\`: put in your own`)
})
