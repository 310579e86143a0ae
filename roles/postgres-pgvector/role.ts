import { role } from '../../lib/engine/role.ts'
import {
  container,
  directory,
  dockerVolume,
  file,
  image,
  postgresDatabase,
  postgresExtension,
  postgresUser,
  psql,
  template,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { privateIp } from '../private-ip.ts'
import { restartStale } from '../started-before.ts'
import { dataDisk } from './data-disk.ts'
import { paths, volume } from './paths.ts'
import { pgHbaConf } from './pg-hba-conf.ts'
import { postgresqlConf } from './postgresql-conf.ts'
import { postgresVars } from './schema.ts'
import { defaultMemoryMb, tune } from './tuning.ts'
import { archiveCommand } from './wal/archive-command.ts'
import { walPaths } from './wal/paths.ts'
import { restart, restartArchiver, walResources } from './wal/resources.ts'
import { walSettings } from './wal/settings.ts'

const server = { container: 'postgres' } as const

export const postgresPgvector = role({
  name: 'postgres-pgvector',
  about: 'PostgreSQL with pgvector in a container, its database and its role for the apps',
  vars: postgresVars,
  resources: ({ vars, facts, env, host, groupIfAny }) => {
    const uid = vars.postgres_uid
    const device = vars.postgres_data_device
    const memoryMb = vars.postgres_memory_mb ?? defaultMemoryMb(facts.memoryMb)
    const tuning = tune(memoryMb, facts.cpus, vars.postgres_max_connections)
    // What containers of a swarm send to a host that is in none of their networks comes from their node's own address.
    const apps = ['app', 'manager', 'worker'].flatMap((name) => groupIfAny(name))
    const clients = vars.postgres_clients ?? apps.map((each) => each.privateAddress)
    const readable = { mode: 0o400, owner: uid }
    const archives = vars.postgres_archive
    return [
      ...(archives ? walResources(walSettings(vars, env)) : []),
      image(vars.postgres_image),
      directory(paths.folder),
      ...(archives ? [file(paths.archiveCommand, { content: archiveCommand, mode: 0o444 })] : []),
      file(paths.superuserPassword, { content: vars.postgres_superuser_password, ...readable }),
      template(paths.clients, pgHbaConf(clients, archives), { ...readable, notify: 'reload postgres' }),
      template(paths.config, postgresqlConf(vars, tuning), {
        ...readable,
        notify: 'restart postgres',
        validate: (path) => readsConfig(vars.postgres_image, uid, path),
      }),
      ...(device === undefined
        ? [dockerVolume(volume)]
        : [...dataDisk(device, uid), dockerVolume(volume, { directory: paths.dataOnDisk })]),
      container(server.container, {
        image: vars.postgres_image,
        command: ['postgres', '-c', `config_file=${paths.config}`],
        user: String(uid),
        env: {
          PGDATA: paths.data,
          POSTGRES_PASSWORD_FILE: paths.superuserPassword,
          POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8 --locale=C.UTF-8',
        },
        mounts: [
          { source: volume, target: paths.data },
          { source: paths.folder, target: paths.folder, readOnly: true },
          ...(archives ? [{ source: walPaths.done, target: walPaths.done, readOnly: true }] : []),
        ],
        ports: [{ host: vars.postgres_port, container: 5432, address: privateIp(host) }],
        // As the container's first process the server would inherit whatever a `docker exec` leaves behind, and take the
        // death of such an orphan by a signal for a crash of its own: everybody is cut off, and it recovers.
        init: true,
        readOnly: true,
        tmpfs: ['/tmp', `${paths.socket}:mode=1777`],
        capDrop: ['ALL'],
        memoryMb,
        shmMb: tuning.shmMb,
        pidsLimit: vars.postgres_max_connections + 200,
        // SIGINT is the fast shutdown: clients are cut off, a checkpoint is written.
        stopSignal: 'SIGINT',
        stopTimeoutSeconds: vars.postgres_stop_seconds,
        // Over TCP, since the server that initialises the data listens on the socket alone.
        health: {
          command: ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres'],
          intervalSeconds: 30,
          timeoutSeconds: 4,
          retries: 3,
          startPeriodSeconds: 120,
        },
        waitHealthySeconds: 300,
        logMaxSize: '20m',
        logMaxFile: 5,
      }),
      postgresUser({
        ...server,
        name: 'postgres',
        password: vars.postgres_superuser_password,
        superuser: true,
        createDb: true,
        createRole: true,
        replication: true,
      }),
      postgresUser({ ...server, name: vars.postgres_user, password: vars.postgres_password }),
      postgresDatabase({ ...server, name: vars.postgres_database, owner: vars.postgres_user }),
      ...vars.postgres_extensions.map((name) =>
        postgresExtension({ ...server, database: vars.postgres_database, name }),
      ),
    ]
  },
  handlers: ({ vars }) => ({
    ...(vars.postgres_archive ? { [restartArchiver]: restart } : {}),
    'restart postgres': restartStale(server.container, paths.config, 300),
    'reload postgres': psql(server, 'postgres', 'select pg_reload_conf();\n'),
  }),
})

/** Lets the server itself read a configuration, without a database to serve. */
function readsConfig(image: string, uid: number, path: string) {
  const words = ['--rm', '--network', 'none', '--user', uid, '--entrypoint', 'postgres']
  const mount = `type=bind,source=${paths.folder},target=${paths.folder},readonly`
  return sh`docker run ${words} --mount ${mount} ${image} -C port -c ${`config_file=${path}`} -c data_directory=/tmp`
}
