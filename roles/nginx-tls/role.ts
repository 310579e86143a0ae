import { role } from '../../lib/engine/role.ts'
import {
  assertThat,
  container,
  directory,
  file,
  image,
  packages,
  template,
} from '../../lib/resource/index.ts'
import { join } from '../../lib/secret/index.ts'
import { healthCommand } from './health.ts'
import { hasHttp3 } from './http3.ts'
import { newImageTakes } from './new-image.ts'
import { nginxConf } from './nginx-conf.ts'
import { folder, paths, switches } from './paths.ts'
import { reloadNginx } from './reload.ts'
import { nginxVars } from './schema.ts'
import { acceptsBundle, acceptsConfig } from './validate.ts'

export const nginxTls = role({
  name: 'nginx-tls',
  about: 'nginx at the edge: TLS, security headers, rate limits, and the switch between blue and green',
  vars: nginxVars,
  resources: ({ vars, group }) => {
    const { nginx_image: nginx } = vars
    const addresses = group('app').map((host) => host.privateAddress)
    return [
      ...(vars.nginx_http3 ? [http3There(nginx)] : []),
      packages(['curl']),
      image(nginx),
      directory(folder),
      // nginx's workers, who are not root, look for the switch files.
      directory(paths.switches),
      file(paths.bundle, {
        content: join([vars.nginx_certificate, vars.nginx_certificate_key, ''], '\n'),
        mode: 0o400,
        validate: (path) => acceptsBundle(nginx, path),
        notify: 'reload nginx',
      }),
      template(paths.config, nginxConf(vars, addresses), {
        validate: (path) => acceptsConfig(nginx, path, vars.nginx_http3),
        notify: 'reload nginx',
      }),
      newImageTakes(nginx, paths.config, vars.nginx_http3),
      container('nginx', {
        image: nginx,
        entrypoint: 'nginx',
        command: ['-e', 'stderr', '-c', paths.config],
        network: 'host',
        mounts: [
          { source: folder, target: folder, readOnly: true },
          { source: paths.switches, target: switches.folder, readOnly: true },
        ],
        readOnly: true,
        tmpfs: ['/tmp', '/run'],
        capDrop: ['ALL'],
        capAdd: ['CHOWN', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
        memoryMb: vars.nginx_memory_mb,
        pidsLimit: 256,
        ulimits: { nofile: '16384' },
        // SIGQUIT lets requests finish; WebSockets are cut when the time is over.
        stopSignal: 'SIGQUIT',
        stopTimeoutSeconds: 30,
        health: {
          command: healthCommand(vars.nginx_http_port),
          intervalSeconds: 30,
          timeoutSeconds: 4,
          retries: 3,
          startPeriodSeconds: 30,
        },
        logMaxSize: '50m',
        logMaxFile: 5,
      }),
    ]
  },
  handlers: () => ({ 'reload nginx': reloadNginx(paths.config) }),
})

/** Before anything is changed. Of an image that is still to be fetched the check of the configuration says it. */
function http3There(image: string) {
  return assertThat('nginx has HTTP/3', {
    that: hasHttp3(image),
    message: 'nginx_http3 is on, and this nginx cannot do it',
    hint: 'name another nginx_image, as nginx 1.25 and newer of nginx.org are, or leave nginx_http3 out',
  })
}
