import { headers } from 'next/headers'

const TIMEOUT_MS = 3000

export interface SearchResult {
  readonly title: string
  readonly body: string
  readonly score: number
}

export interface Search {
  readonly results: readonly SearchResult[]
  readonly source: 'pgvector' | 'redis'
}

/** What the api answered, or why there is no answer, in words for the page. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

export function version(): Promise<Answer<string>> {
  return ask('/api/version', (body) =>
    isRecord(body) && typeof body.release === 'string' ? body.release : undefined,
  )
}

export function search(q: string): Promise<Answer<Search>> {
  return ask(`/api/search?${new URLSearchParams({ q })}`, (body) => (isSearch(body) ? body : undefined))
}

/** Asks the api on the internal network; never throws. */
async function ask<T>(path: string, read: (body: unknown) => T | undefined): Promise<Answer<T>> {
  const base = process.env.API_URL
  if (!base) return { ok: false, reason: 'API_URL is not set' }
  const id = headers().get('x-request-id')
  try {
    const response = await fetch(new URL(path, base), {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(id === null ? {} : { headers: { 'x-request-id': id } }),
    })
    if (!response.ok) return { ok: false, reason: `the api answered ${response.status}` }
    const value = read(await response.json())
    return value === undefined
      ? { ok: false, reason: 'the api answered something unforeseen' }
      : { ok: true, value }
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    console.error(
      JSON.stringify({
        level: 'error',
        service: 'web',
        message: 'the api is away',
        path,
        error: explain(error),
      }),
    )
    return {
      ok: false,
      reason: timedOut ? `no answer within ${TIMEOUT_MS / 1000} s` : 'the api cannot be reached',
    }
  }
}

function isSearch(body: unknown): body is Search {
  if (!isRecord(body)) return false
  const { results, source } = body
  return (source === 'pgvector' || source === 'redis') && Array.isArray(results) && results.every(isResult)
}

function isResult(value: unknown): value is SearchResult {
  if (!isRecord(value)) return false
  return typeof value.title === 'string' && typeof value.body === 'string' && typeof value.score === 'number'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** fetch hides what went wrong (ECONNREFUSED, ENOTFOUND) in the cause. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
