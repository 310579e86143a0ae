import { type Check, demand } from '../../lib/stack/check.ts'

export const cache: Check = {
  name: 'cache',
  async run(stack) {
    const question = `/api/search?q=cache-${Date.now()}`
    const source = async () => (JSON.parse((await stack.ask(question)).text) as { source?: string }).source
    demand((await source()) === 'pgvector', 'a question that was never asked came from the cache')
    demand((await source()) === 'redis', 'the same question did not come from Redis the second time')
    return 'the second answer comes from Redis'
  },
}
