import { ports } from '../nginx/conf.ts'

/** A port of loopback that a person's tools know: BIND_ADDRESS and the variable move it. */
export const onLoopback = (variable: string, port: number, target = port) => ({
  address: '${BIND_ADDRESS:-127.0.0.1}',
  published: `\${${variable}:-${port}}`,
  target,
})

/** A free port of loopback, so that stacks stand side by side: `docker compose port nginx 8443` tells which. */
export const anywhere = { address: '127.0.0.1', published: '', target: ports.https } as const
