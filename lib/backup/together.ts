type Results<W extends readonly ((signal: AbortSignal) => Promise<unknown>)[]> = {
  -readonly [K in keyof W]: Awaited<ReturnType<W[K]>>
}

/** Works that stand or fall together: the first failure ends the others, and is thrown once all have ended. */
export async function together<const W extends readonly ((signal: AbortSignal) => Promise<unknown>)[]>(
  signal: AbortSignal,
  works: W,
): Promise<Results<W>> {
  const gone = new AbortController()
  const both = AbortSignal.any([signal, gone.signal])
  let failure: { readonly error: unknown } | undefined
  const settled = await Promise.allSettled(
    works.map(async (work) => {
      try {
        return await work(both)
      } catch (error) {
        failure ??= { error }
        gone.abort(error)
        throw error
      }
    }),
  )
  signal.throwIfAborted()
  if (failure !== undefined) throw failure.error
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : undefined)) as Results<W>
}
