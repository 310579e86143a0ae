import { role } from '../../lib/engine/role.ts'
import {
  command,
  cron,
  directory,
  file,
  group,
  lineInFile,
  link,
  packages,
  user,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'

const top = '/srv/quayside-bench'
const names = ['api', 'web', 'cache', 'queue', 'search', 'mail', 'jobs', 'media', 'audit', 'edge']

/** The reference workload: 25 resources of the kinds that every host has. ansible.yml says the same. */
export const reference = role({
  name: 'reference',
  about: 'The benchmark: 4 packages, 5 directories, 10 files and one each of five other kinds',
  vars: { type: 'object', properties: {}, additionalProperties: false },
  resources: () => [
    ...['bash', 'coreutils', 'openssl', 'tar'].map((name) => packages([name])),
    ...['', '/conf', '/data', '/log', '/run'].map((name) => directory(`${top}${name}`)),
    ...names.map((name) =>
      file(`${top}/conf/${name}.conf`, {
        content: `# ${name}\nlisten = 127.0.0.1\nworkers = 4\nlog = ${top}/log/${name}.log\n`,
        mode: 0o640,
      }),
    ),
    link(`${top}/current`, `${top}/data`),
    group('quayside-bench', { system: true }),
    user('quayside-bench', { group: 'quayside-bench', shell: '/usr/sbin/nologin', system: true }),
    lineInFile(`${top}/limits`, { line: 'quayside-bench soft nofile 65536', create: true }),
    cron('quayside-bench', { schedule: '15 2 * * *', command: `find ${top}/log -mtime +7 -delete` }),
    command('initialise the data', {
      creates: `${top}/data/initialised`,
      run: sh`echo 1 > ${`${top}/data/initialised`}`,
    }),
  ],
})
