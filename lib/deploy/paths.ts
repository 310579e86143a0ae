/** Where a deploy keeps what it must know of: on the hosts, so that any machine with the inventory can carry on. */
export const paths = {
  /** edges: history.jsonl, flip.json, lock; app hosts: blue.json, green.json */
  state: '/var/lib/quayside/deploy',
  /** edges: a file named "green" here is what nginx serves green by */
  switch: '/etc/quayside/nginx/switch',
} as const
