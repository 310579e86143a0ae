import type { Search } from './api-client'

export function Results({ search }: { search: Search }) {
  return (
    <section>
      <p className="source">
        {search.results.length} nearest, from <strong data-testid="source">{search.source}</strong>
      </p>
      <ol className="results">
        {search.results.map((result) => (
          <li key={result.title} className="panel" data-testid="result">
            <h2>{result.title}</h2>
            <meter min={0} max={1} value={Math.max(0, result.score)} aria-label="similarity" />
            <span className="score">{result.score.toFixed(3)}</span>
            <p>{result.body}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
