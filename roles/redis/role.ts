import { role } from '../../lib/engine/role.ts'
import {
  command,
  container,
  directory,
  dockerVolume,
  file,
  image,
  type Resource,
  template,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { privateIp } from '../private-ip.ts'
import { restartStale } from '../started-before.ts'
import { paths } from './paths.ts'
import { redisConf } from './redis-conf.ts'
import { redisVars } from './schema.ts'

const { folder, config, password } = paths

// The password reaches redis-cli by its environment, from a file: it is in no argv and no docker inspect.
const ping = `REDISCLI_AUTH=$(cat ${password}) redis-cli ping | grep -qx PONG`

export const redis = role({
  name: 'redis',
  about: 'Redis in a container, kept by an append-only file and snapshots',
  vars: redisVars,
  resources: ({ vars, host }) => {
    const readable = { mode: 0o400, owner: vars.redis_uid }
    return [
      ...(vars.redis_sysctl ? overcommit : []),
      image(vars.redis_image),
      directory(folder),
      file(password, { content: vars.redis_password, ...readable }),
      template(config, redisConf(vars), { ...readable, notify: 'restart redis' }),
      dockerVolume('redis-data'),
      container('redis', {
        image: vars.redis_image,
        command: ['redis-server', config],
        user: String(vars.redis_uid),
        mounts: [
          { source: 'redis-data', target: '/data' },
          { source: folder, target: folder, readOnly: true },
        ],
        ports: [{ host: vars.redis_port, container: 6379, address: privateIp(host) }],
        readOnly: true,
        tmpfs: ['/tmp'],
        capDrop: ['ALL'],
        memoryMb: vars.redis_memory_mb,
        pidsLimit: 128,
        ulimits: { nofile: `${vars.redis_maxclients + 64}` },
        stopTimeoutSeconds: 60,
        health: {
          command: ['sh', '-c', ping],
          intervalSeconds: 30,
          timeoutSeconds: 4,
          retries: 3,
          startPeriodSeconds: 60,
        },
        waitHealthySeconds: 120,
        logMaxSize: '10m',
        logMaxFile: 3,
      }),
    ]
  },
  handlers: () => ({ 'restart redis': restartStale('redis', config, 120) }),
})

const overcommit: readonly Resource[] = [
  file('/etc/sysctl.d/60-quayside-redis.conf', { content: 'vm.overcommit_memory = 1\n' }),
  command('vm.overcommit_memory = 1', {
    unless: sh`[ "$(cat /proc/sys/vm/overcommit_memory)" = 1 ]`,
    run: sh`echo 1 >/proc/sys/vm/overcommit_memory`,
    changedSummary: 'let redis fork for a snapshot',
  }),
]
