import { type Check, demand } from '../../lib/stack/check.ts'

/** The person that seed makes, in development and tests alone: docker/api/app/seed.py. */
const person = { email: 'dev@agentlab.example', password: 'development' } as const

export const authentication: Check = {
  name: 'authentication',
  async run(stack) {
    const me = (token?: string) =>
      stack.ask('/api/me', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    const login = (password: string) =>
      stack.ask('/api/login', { method: 'POST', body: { email: person.email, password } })
    demand((await me()).status === 401, '/api/me answers without a token')
    demand((await login('wrong')).status === 401, 'a wrong password is let in')
    const right = await login(person.password)
    demand(right.status === 200, `the right password is answered ${right.status}`)
    const { token } = JSON.parse(right.text) as { token?: unknown }
    demand(typeof token === 'string', 'no token came with the right password')
    const known = await me(token)
    demand(known.status === 200 && known.text.includes(person.email), `/api/me answers ${known.status}`)
    const [payload = '', signature = ''] = token.split('.').slice(-2)
    const forged = token.replace(signature, signature.split('').reverse().join(''))
    demand((await me(forged)).status === 401, 'a token with another signature is let in')
    const other = token.replace(payload, `${payload.slice(0, -2)}AA`)
    demand((await me(other)).status === 401, 'a token with other content is let in')
    return 'signs in, and refuses a wrong password and a forged token'
  },
}
