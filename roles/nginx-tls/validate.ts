import { type Script, sh } from '../../lib/script/index.ts'
import { temporaryFiles } from './http-settings.ts'
import { hasHttp3 } from './http3.ts'
import { folder } from './paths.ts'

/**
 * nginx in a container of its own that sees what the edge's sees; it binds the edge's ports for an instant at most,
 * and takes one in use for granted.
 */
const base = [
  ...['--rm', '--network', 'host', '--read-only', '--tmpfs', '/tmp', '--tmpfs', '/run'],
  ...['--cap-drop', 'ALL', '--cap-add', 'CHOWN', '--cap-add', 'NET_BIND_SERVICE'],
  ...['--mount', `type=bind,source=${folder},target=${folder},readonly`],
]

/** Ends with 0 if nginx could run with this configuration. */
export function acceptsConfig(image: string, path: string, http3: boolean): Script {
  return sh`${http3 ? hasHttp3(image) : sh`:`}
docker run ${base} --entrypoint nginx ${image} -t -q -e stderr -c ${path}`
}

/** Ends with 0 if the certificate and the key in a file belong together. */
export function acceptsBundle(image: string, path: string): Script {
  const test = `events {}
http { ${temporaryFiles} server { listen 127.0.0.1:1 ssl; ssl_certificate ${path}; ssl_certificate_key ${path}; } }`
  const script = `printf %s "$1" >/tmp/test.conf && nginx -t -q -e stderr -c /tmp/test.conf`
  return sh`docker run ${base} --network none --entrypoint sh ${image} -c ${script} sh ${test}`
}
