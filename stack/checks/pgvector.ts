import { type Check, demand } from '../../lib/stack/check.ts'

const distance = `select round(('[1,2,3]'::vector <-> '[1,2,4]'::vector)::numeric, 3)`

export const pgvector: Check = {
  name: 'pgvector',
  async run(stack) {
    const psql = (sql: string) =>
      stack.inside('postgres', ['psql', '-U', 'postgres', '-d', 'app', '-XAtc', sql])
    const version = await psql("select extversion from pg_extension where extname = 'vector'")
    demand(version.ok && version.text !== '', `the database has no vector extension: ${version.text}`)
    const found = await psql(distance)
    demand(found.text === '1.000', `the distance of two vectors came out as ${found.text}`)
    const answer = await stack.ask(`/api/search?q=${Date.now()}`)
    demand(
      answer.status === 200 && answer.text.includes('"source":"pgvector"'),
      'a new question is not answered by pgvector',
    )
    return `vector ${version.text} computes, and the api searches by it`
  },
}
