import { search, version } from './api-client'
import { Live } from './live'
import { release } from './release'
import { Results } from './results'

export const dynamic = 'force-dynamic'

const FIRST_QUESTION = 'how do I know that a backup restores?'

interface Props {
  readonly searchParams: { readonly q?: string | string[] }
}

export default async function Page({ searchParams }: Props) {
  const q = question(searchParams.q)
  const [api, found] = await Promise.all([version(), search(q)])
  return (
    <main>
      <header>
        <h1>AgentLab</h1>
        <dl className="releases">
          <div>
            <dt>web</dt>
            <dd data-testid="release-web">{release().release}</dd>
          </div>
          <div>
            <dt>api</dt>
            <dd data-testid="release-api">{api.ok ? api.value : 'away'}</dd>
          </div>
          <div>
            <dt>WebSocket</dt>
            <dd>
              <Live />
            </dd>
          </div>
        </dl>
      </header>
      <form method="get" action="/">
        <input type="search" name="q" defaultValue={q} maxLength={500} aria-label="Your question" />
        <button type="submit">Search</button>
      </form>
      {found.ok ? <Results search={found.value} /> : <Away reason={found.reason} />}
    </main>
  )
}

function Away({ reason }: { reason: string }) {
  return (
    <section className="panel away" role="alert" data-testid="error">
      <h2>The search is away just now</h2>
      <p>Nothing is lost: wait a moment, then search again. ({reason})</p>
    </section>
  )
}

/** The question asked, within what the api takes. */
function question(q: string | string[] | undefined): string {
  const text = (Array.isArray(q) ? q[0] : q)?.trim().slice(0, 500)
  return text || FIRST_QUESTION
}
