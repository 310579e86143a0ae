import { paths as deploy } from '../../lib/deploy/paths.ts'

/** Where the edge keeps its files: the same path on the host and in the container, so that one text fits both. */
export const folder = '/etc/quayside/nginx'

export const paths = {
  folder,
  config: `${folder}/nginx.conf`,
  /** certificate, chain and key in one file: they can only change together */
  bundle: `${folder}/tls.pem`,
  /** on the host; deploys make and remove the files in it */
  switches: deploy.switch,
} as const

/** The switch files as nginx sees them; it looks on each request. */
export const switches = {
  folder: '/etc/nginx/switch',
  green: '/etc/nginx/switch/green',
  maintenance: '/etc/nginx/switch/maintenance',
} as const
