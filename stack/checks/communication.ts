import { type Check, demand } from '../../lib/stack/check.ts'

/** nginx → web and api, web → api, api → PostgreSQL and Redis. */
export const communication: Check = {
  name: 'communication',
  async run(stack) {
    const ready = await stack.ask('/api/ready')
    demand(ready.status === 200, `/api/ready answers ${ready.status}: ${ready.text.slice(0, 200)}`)
    const id = 'check-communication-1'
    const version = await stack.ask('/api/version', { headers: { 'x-request-id': id } })
    demand(version.status === 200, `/api/version answers ${version.status}`)
    demand(version.headers['x-request-id'] === id, 'the request id does not come back')
    const page = await stack.ask('/?q=harbour')
    demand(page.status === 200, `the page answers ${page.status}`)
    demand(page.text.includes('data-testid="result"'), 'the page shows no result: web does not reach the api')
    return 'nginx, web, api, PostgreSQL and Redis answer one another'
  },
}
