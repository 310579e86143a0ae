'use client'

import { useEffect, useState } from 'react'

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5000

type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly text: string }
  | { readonly kind: 'away' }

/** Keeps a WebSocket to the api open, across deployments too: a server that retires closes it with 1012. */
export function Live() {
  const [state, setState] = useState<State>({ kind: 'connecting' })
  useEffect(() => keepOpen(setState), [])
  return (
    <span data-testid="websocket" data-state={state.kind} className="live">
      {state.kind === 'live' ? `live: ${state.text}` : state.kind}
    </span>
  )
}

/** Connects, and again whenever the connection ends, ever more slowly. Returns what stops it. */
function keepOpen(show: (state: State) => void): () => void {
  let socket: WebSocket
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let wait = FIRST_RETRY_MS

  const connect = () => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/ws`)
    socket.onopen = () => socket.send('hello')
    socket.onmessage = (event) => {
      wait = FIRST_RETRY_MS
      show({ kind: 'live', text: echo(event.data) })
    }
    socket.onclose = () => {
      if (stopped) return
      show({ kind: 'away' })
      // Spread out, so that a whole audience does not come back in one instant.
      timer = setTimeout(connect, wait * (0.5 + Math.random()))
      wait = Math.min(wait * 2, LAST_RETRY_MS)
    }
  }

  connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    socket.close()
  }
}

/** "hello from r42", out of the api's {release, echo}. */
function echo(data: unknown): string {
  try {
    const { release, echo }: { release?: unknown; echo?: unknown } = JSON.parse(String(data))
    return `${echo} from ${release}`
  } catch {
    return 'an answer that is not JSON'
  }
}
