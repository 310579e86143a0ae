import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../lib/connection/connection.ts'
import { openConnection } from '../../lib/connection/open.ts'
import { standInReference } from '../../lib/lab/standins.ts'
import {
  absentComposeProject,
  absentContainer,
  absentDirectory,
  absentDockerNetwork,
  absentFile,
  absentGroup,
  absentLine,
  absentPackages,
  absentUser,
  command,
  composeProject,
  container,
  cron,
  directory,
  dockerNetwork,
  dockerVolume,
  file,
  group,
  image,
  lineInFile,
  link,
  packages,
  postgresDatabase,
  postgresExtension,
  postgresUser,
  restartContainer,
  restartService,
  service,
  sysctl,
  template,
  user,
} from '../../lib/resource/index.ts'
import { lines, raw, type Script, sh } from '../../lib/script/index.ts'
import { Secret, text } from '../../lib/secret/index.ts'
import { converge, look } from './converge.ts'
import { labTarget } from './lab-host.ts'
import { type Life, live as liveOn, run as runOn } from './resource-life.ts'

const here = '/srv/quayside-test'
const redis = standInReference('redis')
const unit = '/etc/systemd/system/quayside-test.service'

let host: Connection

const run = (script: Script) => runOn(host, script)
const live = (life: Life) => liveOn(host, life)

const sweep = raw(`docker compose -p quayside-test down 2>/dev/null
docker rm -f quayside-test quayside-test-pg 2>/dev/null; docker network rm quayside-test; docker volume rm quayside-test
systemctl disable --now quayside-test; rm -f ${unit}; systemctl daemon-reload; userdel quayside-test; groupdel quayside-test
rm -rf ${here} /etc/quayside/compose/quayside-test /etc/cron.d/quayside-test /etc/sysctl.d/60-quayside-net.core.somaxconn.conf
:`)

beforeAll(async () => {
  host = await openConnection(labTarget('app-2'))
  await host.run(sweep)
  for (const needed of [directory(here), packages(['docker.io', 'docker-cli', 'docker-compose'])]) {
    if ((await look(host, needed)).kind === 'change') await converge(host, needed)
  }
  const settings = file('/etc/docker/daemon.json', {
    content: '{"insecure-registries":["registry.lab:5000"]}\n',
  })
  // A host that site.ts has provisioned keeps what it has.
  if ((await run(sh`[ -e /etc/docker/daemon.json ] || echo none`)) !== '') {
    await converge(host, settings)
    await run(restartService('docker'))
  }
})

afterAll(async () => {
  await host.run(sweep)
  await host.close()
})

describe('files', () => {
  const path = `${here}/conf`
  const lives: [string, Life][] = [
    [
      'a file',
      {
        wish: file(path, { content: 'one\ntwo\n', mode: 0o640, owner: 'nobody', group: 'adm' }),
        drift: sh`echo three >>${path}; chown root ${path}; chmod 666 ${path}`,
        other: file(path, { content: new Uint8Array([0, 1, 255]), validate: (made) => sh`[ -s ${made} ]` }),
        gone: absentFile(path),
      },
    ],
    [
      'a template that holds a secret',
      {
        wish: template(path, text`requirepass ${new Secret("it's hush")}\n`),
        drift: sh`: >${path}`,
        other: template(path, text`requirepass ${new Secret('other')}\n`, { mode: 0o640, owner: 999 }),
        gone: absentFile(path),
      },
    ],
    [
      'a directory',
      {
        wish: directory(`${here}/a/b`, { mode: 0o2770, owner: 'nobody', group: 'nogroup' }),
        drift: sh`chmod 700 ${here}/a/b`,
        other: directory(`${here}/a/b`, { mode: 0o700 }),
        gone: absentDirectory(`${here}/a`),
      },
    ],
    [
      'a link',
      {
        wish: link(`${here}/link`, 'conf'),
        drift: sh`ln -sfn elsewhere ${here}/link`,
        other: link(`${here}/link`, '/etc/hosts'),
        gone: absentFile(`${here}/link`),
      },
    ],
    [
      'a line',
      {
        wish: lineInFile(`${here}/lines`, { line: 'Port 22', match: '^#?Port ', create: true }),
        drift: sh`sed -i 's/22/2222/' ${here}/lines`,
        other: lineInFile(`${here}/lines`, { line: 'Port 23', match: '^#?Port ' }),
        gone: absentLine(`${here}/lines`, { match: '^Port' }),
      },
    ],
    [
      'a cron job',
      {
        wish: cron('quayside-test', { schedule: '0 0 29 2 *', command: 'date +%F' }),
        drift: sh`rm /etc/cron.d/quayside-test`,
        other: cron('quayside-test', { schedule: '0 0 30 1 *', command: 'true', env: { A: 'b c' } }),
        gone: absentFile('/etc/cron.d/quayside-test'),
      },
    ],
  ]
  test.each(lives)('%s', (_, life) => live(life))
})

describe('the system', () => {
  const lives: [string, Life][] = [
    [
      'packages, with lists that are too old',
      {
        wish: packages(['tree', 'ed=1.2*']),
        drift: sh`apt-get -qq purge tree >/dev/null; touch -d '2 days ago' /var/lib/apt/lists`,
        gone: absentPackages(['tree', 'ed']),
      },
    ],
    [
      'a group',
      {
        wish: group('quayside-test', { gid: 4711 }),
        other: group('quayside-test', { gid: 4712 }),
        gone: absentGroup('quayside-test'),
      },
    ],
    [
      'a user',
      {
        wish: user('quayside-test', { groups: ['adm'], home: `${here}/home` }),
        drift: sh`gpasswd -d quayside-test adm >/dev/null`,
        other: user('quayside-test', {
          uid: 4713,
          group: 'users',
          shell: '/bin/sh',
          groups: ['adm', 'tty'],
          home: `${here}/moved`,
        }),
        gone: absentUser('quayside-test'),
      },
    ],
    [
      'a kernel setting',
      {
        wish: sysctl('net.core.somaxconn', 4097),
        // Its own line still is the last one.
        drift: sh`sed -i '1i net.core.somaxconn = 1024' /etc/sysctl.d/60-quayside-net.core.somaxconn.conf`,
        other: sysctl('net.core.somaxconn', '4096'),
      },
    ],
    [
      'a command',
      {
        wish: command('make', { run: sh`touch ${here}/made`, creates: `${here}/made` }),
        drift: sh`rm ${here}/made`,
      },
    ],
  ]
  test.each(lives)('%s', (_, life) => live(life))

  test('a package that no list knows is named', async () => {
    await expect(converge(host, packages(['quayside-nonesuch']))).rejects.toThrow(
      'Unable to locate package quayside-nonesuch',
    )
  })

  test('a service', async () => {
    const wish = service('quayside-test')
    expect(await look(host, wish)).toMatchObject({
      kind: 'unknown',
      reason: 'the unit quayside-test is not there',
    })
    const content = (seconds: number) =>
      file(unit, {
        content: `[Service]\nExecStart=/bin/sleep ${seconds}\n[Install]\nWantedBy=multi-user.target\n`,
      })
    await converge(host, content(9998))
    await live({
      wish,
      drift: sh`systemctl kill -s KILL quayside-test; sleep 0.2; systemctl disable -q quayside-test`,
      other: service('quayside-test', { enabled: false, running: false }),
    })
    await converge(host, wish)
    await converge(host, content(9999))
    expect((await converge(host, wish)).summary).toBe('reload its unit file')
    await run(restartService('quayside-test'))
    expect(await run(sh`systemctl show -p ExecStart quayside-test`)).toContain('/bin/sleep 9999')
    await converge(host, file(unit, { content: '[Service]\nExecStart=/bin/false\n' }))
    await run(sh`systemctl stop quayside-test`)
    await converge(host, service('quayside-test', { enabled: 'any', running: 'any' }))
  })
})

describe('containers', () => {
  const spec = {
    image: redis,
    network: 'quayside-test',
    networkAlias: 'cache',
    env: { GREETING: "it's $HOME" },
    mounts: [{ source: 'quayside-test', target: '/data' }],
    ports: [{ host: 16_379, container: 6379, address: '127.0.0.1' }],
    memoryMb: 64,
    cpus: 0.5,
    pidsLimit: 50,
    init: true,
    readOnly: true,
    tmpfs: ['/tmp'],
    capDrop: ['ALL'],
    capAdd: ['CHOWN', 'DAC_OVERRIDE', 'SETGID', 'SETUID'],
    health: { command: ['redis-cli', 'ping'], intervalSeconds: 1, timeoutSeconds: 2, retries: 3 },
  } as const

  test('an image', async () => {
    const nginx = standInReference('nginx')
    await host.run(sh`docker rmi -f ${nginx}`)
    await live({ wish: image(nginx), drift: sh`docker rmi -f ${nginx} >/dev/null` })
  })

  test('a network and a volume', async () => {
    await live({
      wish: dockerNetwork('quayside-test', { subnet: '10.213.90.0/24' }),
      drift: sh`docker network rm quayside-test >/dev/null`,
      other: dockerNetwork('quayside-test', { internal: true, subnet: '10.213.91.0/24' }),
      gone: absentDockerNetwork('quayside-test'),
    })
    await converge(host, dockerNetwork('quayside-test'))
    await live({ wish: dockerVolume('quayside-test'), drift: sh`docker volume rm quayside-test >/dev/null` })
  })

  test('a container', async () => {
    const wish = container('quayside-test', spec)
    await converge(host, wish)
    expect(await run(sh`docker exec quayside-test printenv GREETING`)).toBe("it's $HOME\n")
    expect(await run(sh`docker exec quayside-test redis-cli -h cache ping`)).toBe('PONG\n')
    await run(sh`docker kill quayside-test >/dev/null`)
    expect((await converge(host, wish)).summary).toBe('start (exited)')
    await run(sh`docker pause quayside-test >/dev/null`)
    expect((await converge(host, wish)).summary).toBe('unpause')
    const varied = container('quayside-test', { ...spec, env: { GREETING: 'moin' }, memoryMb: 65 })
    expect((await converge(host, varied)).diff).toBe(
      `-env.GREETING: "it's $HOME"\n+env.GREETING: "moin"\n-memoryMb: 64\n+memoryMb: 65`,
    )
    await run(restartContainer('quayside-test'))
    expect((await look(host, varied)).kind).toBe('unchanged')
  })

  test('a container whose tag names another image by now is made anew', async () => {
    const wish = container('quayside-test', {
      image: 'quayside-test:now',
      health: 'none',
      stopTimeoutSeconds: 1,
    })
    await run(sh`docker tag ${redis} quayside-test:now`)
    await converge(host, wish)
    await run(
      sh`printf 'FROM %s\\nLABEL other=yes\\n' ${redis} | docker build -q -t quayside-test:now - >/dev/null`,
    )
    expect((await converge(host, wish)).summary).toBe('replace: its image changed')
    await converge(host, absentContainer('quayside-test', { stopTimeoutSeconds: 1 }))
    await run(sh`docker rmi -f quayside-test:now >/dev/null`)
  })

  test('an image that is nowhere, and an option that docker refuses, leave the old container running', async () => {
    await converge(host, container('quayside-test', spec))
    const before = await run(sh`docker inspect -f '{{.Id}}' quayside-test`)
    const lost = container('quayside-test', { ...spec, image: 'registry.lab:5000/quayside/nonesuch:1' })
    await expect(converge(host, lost)).rejects.toThrow('registry.lab:5000/quayside/nonesuch:1')
    await expect(
      converge(host, container('quayside-test', { ...spec, capAdd: ['NONSENSE'] })),
    ).rejects.toThrow('NONSENSE')
    expect(await run(sh`docker inspect -f '{{.Id}} {{.State.Running}}' quayside-test`)).toBe(
      `${before.trim()} true\n`,
    )
    expect(await run(sh`docker ps -aqf name=quayside-new`)).toBe('')
  })

  test('a container that fails says why, and is no better in the next run', async () => {
    const broken = container('quayside-test', {
      ...spec,
      command: ['redis-server', '--nonsense'],
      waitHealthySeconds: 20,
    })
    await expect(converge(host, broken)).rejects.toThrow(
      /is not healthy after .*its last lines:[\s\S]*nonsense/,
    )
    expect((await look(host, broken)).kind).toBe('change')
    await converge(host, container('quayside-test', spec))
    await converge(host, absentContainer('quayside-test'))
  })

  test('a Compose project', async () => {
    const services = (more = '') => text`
      services:
        cache:
          image: ${redis}
          environment: {TOKEN: "\${TOKEN}"}
          healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}
      ${more}
    `
    const env = { TOKEN: new Secret('hush #1 $x') }
    const wish = composeProject('quayside-test', { content: services(), env })
    await live({
      wish,
      drift: sh`docker stop quayside-test-cache-1 >/dev/null; echo '#' >>/etc/quayside/compose/quayside-test/compose.yaml`,
    })
    expect(await run(sh`docker exec quayside-test-cache-1 printenv TOKEN`)).toBe('hush #1 $x\n')
    const broken = services(`  two: {image: "${redis}", command: [redis-server, --nonsense]}`)
    await expect(
      converge(host, composeProject('quayside-test', { content: broken, env, waitHealthySeconds: 30 })),
    ).rejects.toThrow('nonsense')
    expect((await look(host, composeProject('quayside-test', { content: broken, env }))).kind).toBe('change')
    await live({ wish, gone: absentComposeProject('quayside-test') })
  })
})

describe('PostgreSQL', () => {
  const server = { container: 'quayside-test-pg' }
  const connects = (password: string, as = 'app') =>
    run(
      sh`docker exec -e PGPASSWORD=${password} quayside-test-pg psql -h 127.0.0.1 -U ${as} -d postgres -Atc 'select current_user'`,
    )

  test('is unknown as long as there is none', async () => {
    const plan = await look(host, postgresUser({ ...server, name: 'app' }))
    expect(plan).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('No such container') })
  })

  test('has users, databases and extensions', async () => {
    await converge(
      host,
      file(`${here}/postgres.env`, { content: text`POSTGRES_PASSWORD=${new Secret('first')}\n` }),
    )
    const health = { command: ['pg_isready', '-h', '127.0.0.1'], intervalSeconds: 1, retries: 60 }
    await converge(
      host,
      container('quayside-test-pg', {
        image: standInReference('postgres'),
        envFile: `${here}/postgres.env`,
        health,
      }),
    )

    // The image lets 127.0.0.1 in by trust; the line below asks for the password, as a real server does.
    await run(sh`docker exec quayside-test-pg sh -c 'sed -i "s/trust$/scram-sha-256/; s/^local.*/local all all trust/" "$PGDATA/pg_hba.conf"'
docker exec quayside-test-pg psql -qU postgres -c 'select pg_reload_conf()' >/dev/null`)

    const password = `it's "hush" \\ $x %`
    const wish = postgresUser({
      ...server,
      name: 'app',
      password: new Secret(password),
      memberOf: ['pg_monitor'],
    })
    await live({
      wish,
      drift: sh`echo "alter role app superuser password 'stolen'" | docker exec -i quayside-test-pg psql -qU postgres`,
    })
    expect(await connects(password)).toBe('app\n')
    await expect(connects('stolen')).rejects.toThrow('password authentication failed')
    await converge(
      host,
      postgresUser({
        ...server,
        name: 'app',
        password: new Secret('next'),
        createDb: true,
        connectionLimit: 9,
      }),
    )
    expect(await connects('next')).toBe('app\n')

    await live({
      wish: postgresDatabase({
        ...server,
        name: 'we"ird',
        owner: 'app',
        template: 'template0',
        encoding: 'UTF8',
      }),
      drift: sh`echo 'alter database "we""ird" owner to postgres' | docker exec -i quayside-test-pg psql -qU postgres`,
    })
    await live({
      wish: postgresExtension({ ...server, database: 'we"ird', name: 'vector' }),
      drift: sh`echo 'drop extension vector' | docker exec -i quayside-test-pg psql -qU postgres -d 'we"ird'`,
    })
    const nowhere = postgresExtension({ ...server, database: 'we"ird', name: 'nonesuch' })
    expect((await look(host, nowhere)).kind).toBe('unknown')
    expect(await run(sh`docker logs quayside-test-pg 2>&1`)).not.toContain('hush')
  })
})

test('looking changes nothing', async () => {
  const wishes = [
    file(`${here}/x`, { content: 'x' }),
    directory(`${here}/y`),
    link(`${here}/z`, 'x'),
    lineInFile('/etc/hosts', { line: '# never' }),
    packages(['tree', 'quayside-nonesuch']),
    service('ssh', { running: false }),
    group('quayside-never'),
    user('quayside-never'),
    cron('quayside-never', { schedule: '@daily', command: 'true' }),
    command('never', { run: sh`touch ${here}/never` }),
    sysctl('net.core.somaxconn', 4099),
    image('registry.lab:5000/quayside/nonesuch:1'),
    dockerNetwork('quayside-test-never'),
    dockerVolume('quayside-test-never'),
    container('quayside-test-never', { image: redis }),
    composeProject('quayside-never', { content: 'services: {}\n' }),
    postgresUser({ container: 'quayside-test-pg', name: 'never' }),
    postgresDatabase({ container: 'quayside-test-pg', name: 'never', owner: 'never' }),
  ]
  const state = lines(
    raw(
      'find /etc /usr /srv /opt /home /root /var/lib/dpkg /var/lib/apt /var/cache/apt -xdev -newer /run/quayside-test',
    ),
    raw(
      'docker ps -aq; docker network ls -q; docker volume ls -q; sysctl net.core.somaxconn; systemctl is-active ssh',
    ),
  )
  await run(sh`touch /run/quayside-test; sleep 0.1`)
  const before = await run(state)
  for (const wish of wishes) expect((await look(host, wish)).kind, wish.id).toBe('change')
  expect(await run(state)).toBe(before)
})
