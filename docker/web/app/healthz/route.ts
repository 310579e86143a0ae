import { release } from '../release'

export const dynamic = 'force-dynamic'

/** Liveness: it asks nothing of the api, since restarting the web would not mend it. */
export function GET(): Response {
  return Response.json({ status: 'ok', release: release().release })
}
