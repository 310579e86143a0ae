/** One jump host as ssh's ProxyJump writes it. */
export interface JumpSpec {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/** `[user@]host[:port]`, with brackets around an IPv6 address; also as `ssh://…`. */
const one = '(?:ssh://)?(?:([^@\\s,]+)@)?(?:\\[([0-9A-Fa-f:.%]+)\\]|([^\\s,:@[\\]/]+))(?::(\\d{1,5}))?'
const form = new RegExp(`^${one}$`)

/** For a schema: hops with commas, of which `none` is one that stands alone. */
export const jumpPattern = `^${one}(?:, *${one})*$`

/** `user@host:port,…`, or `none`, as the hops in their order; undefined when it is neither. */
export function parseJump(text: string): readonly JumpSpec[] | undefined {
  if (text === 'none') return []
  const hops = text.split(',').map((each) => form.exec(each.trim()))
  return hops.every((hop) => hop !== null && Number(hop[4] ?? 22) <= 65_535)
    ? hops.map((hop) => ({
        user: hop?.[1],
        host: hop?.[2] ?? hop?.[3] ?? '',
        port: hop?.[4] === undefined ? undefined : Number(hop[4]),
      }))
    : undefined
}

/** As a person writes it. */
export function jumpName({ user, host, port }: JumpSpec): string {
  const address = host.includes(':') ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${address}${port === undefined ? '' : `:${port}`}`
}
