import { release } from '../release'

export const dynamic = 'force-dynamic'

export function GET(): Response {
  return Response.json({ service: 'web', ...release() })
}
