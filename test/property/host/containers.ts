import fc from 'fast-check'
import { standInReference } from '../../../lib/lab/standins.ts'
import {
  absentComposeProject,
  absentContainer,
  absentDockerNetwork,
  composeProject,
  container,
  dockerNetwork,
  dockerVolume,
  image,
  type Resource,
} from '../../../lib/resource/index.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { Secret, text } from '../../../lib/secret/index.ts'
import { look } from '../../lab/converge.ts'
import type { Facts } from '../facts.ts'
import { obey } from '../laws.ts'
import { demand, tableFacts, together, treeFacts } from './look.ts'
import type { HostSite } from './site.ts'

type Case<T> = T extends fc.Arbitrary<infer U> ? U : never

const name = 'qsp-thing'
const redis = standInReference('redis')
const odd = 'quayside-property:tag'

export const sweepContainers = raw(`docker compose -p ${name} down -t 0 >/dev/null 2>&1 || :
docker rm -f ${name} ${name}x ${name}.quayside-new >/dev/null 2>&1 || :
docker network rm ${name} ${name}x >/dev/null 2>&1 || :
docker volume rm ${name} ${name}x >/dev/null 2>&1 || :
docker rmi -f ${odd} >/dev/null 2>&1 || :
rm -rf /etc/quayside/compose/${name}
`)

/** Everything that docker has: containers with how they run, networks, volumes, images. */
function dockerFacts(site: HostSite): Promise<Facts> {
  const format =
    '{{.Name}}: is {{.Id}} {{.Image}}\n{{.Name}}: state {{.State.Status}} {{.State.Pid}}\n{{.Name}}: env {{json .Config.Env}}\n{{.Name}}: cmd {{json .Config.Cmd}}\n{{.Name}}: restart {{.HostConfig.RestartPolicy.Name}}\n{{.Name}}: memory {{.HostConfig.Memory}}\n{{.Name}}: service {{index .Config.Labels "com.docker.compose.service"}}'
  return tableFacts(
    site.connection,
    sh`all=$(docker ps -aq --no-trunc)
[ -z "$all" ] || docker inspect -f ${format} $all | sed 's/^\\(\\/[^ ]* [a-z]*\\) /\\1\\t/'
docker network ls --format '{{.Name}}' | grep qsp | while read -r net; do
  docker network inspect -f 'net {{.Name}}: is {{.Id}}
net {{.Name}}: internal {{.Internal}}
net {{.Name}}: subnet {{range .IPAM.Config}}{{.Subnet}} {{end}}' "$net" | sed 's/^\\(net [^ ]* [a-z]*\\) /\\1\\t/'
done
docker volume ls --format '{{.Name}}' | grep qsp | sed 's/^/volume /' || :
docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -e quayside-property -e ${redis} | sed 's/^/image /; s/ sha/\\tsha/' || :`,
  )
}

const of = (facts: Facts, what: string) => facts.get(`/${name}: ${what}`)

const spec = fc.record({
  env: fc.dictionary(
    fc.constantFrom('A', 'B_1'),
    fc.constantFrom("it's $HOME", '', 'a=b', '{{.Id}}', 'gr\u00fcn "x"'),
  ),
  memoryMb: fc.constantFrom(64, 65),
  restart: fc.constantFrom('no' as const, 'always' as const),
})

/** A container that an earlier run made, a person made or changed, or that has ended, is paused or was killed. */
export const containerCases = fc.record({
  there: fc.constantFrom('absent', 'same', 'same', 'other', 'by hand', 'retagged'),
  state: fc.constantFrom('running', 'killed', 'paused', 'stopped'),
  stale: fc.boolean(),
  is: spec,
  wish: spec,
  gone: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
})

const optionsOf = (wish: Case<typeof spec>) => ({
  image: odd,
  command: ['redis-server', '--save', ''],
  health: 'none' as const,
  stopTimeoutSeconds: 1,
  ...wish,
})

export async function containerObeys(site: HostSite, each: Case<typeof containerCases>): Promise<void> {
  const { there, state, stale, is, wish, gone } = each
  await site.arrange(sh`${sweepContainers}
docker tag ${redis} ${odd}`)
  if (there === 'by hand') await site.arrange(sh`docker run -d --name ${name} ${odd} >/dev/null`)
  else if (there !== 'absent') await make(site, container(name, optionsOf(there === 'other' ? is : wish)))
  const drift = {
    running: sh`:`,
    killed: sh`docker kill ${name} >/dev/null`,
    paused: sh`docker pause ${name} >/dev/null`,
    stopped: sh`docker stop -t 0 ${name} >/dev/null`,
  }
  if (there !== 'absent') await site.arrange(drift[state])
  if (there === 'retagged')
    await site.arrange(
      sh`printf 'FROM %s\\nLABEL other=yes\\n' ${redis} | docker build -q -t ${odd} - >/dev/null`,
    )
  if (stale) await site.arrange(sh`docker create --name ${`${name}.quayside-new`} ${odd} >/dev/null`)
  await obey({
    connection: site.connection,
    resource: gone ? absentContainer(name, { stopTimeoutSeconds: 1 }) : container(name, optionsOf(wish)),
    look: () => dockerFacts(site),
    wrong: (facts) =>
      gone ? (of(facts, 'is') === undefined ? undefined : 'it is there') : wrongContainer(facts, wish),
    owns: (key) =>
      key.startsWith(`/${name}: `) ||
      // What a run that died left goes with the next one.
      key.startsWith(`/${name}.quayside-new: `),
    foretold: ({ summary }, before, after) => {
      const same = of(before, 'is') === of(after, 'is')
      if (gone) return
      if (same !== /^(?:start|unpause|restart|wait)/.test(summary))
        throw new Error(`"${summary}", same: ${same}`)
      if (summary === 'create' && of(before, 'is') !== undefined)
        throw new Error('"create" of what was there')
    },
  })
}

function wrongContainer(facts: Facts, wish: Case<typeof spec>): string | undefined {
  if (of(facts, 'is') === undefined) return 'there is none'
  if (!of(facts, 'state')?.startsWith('running ')) return `it is ${of(facts, 'state')}`
  const env: readonly string[] = JSON.parse(of(facts, 'env') ?? '[]')
  for (const [key, value] of Object.entries(wish.env))
    if (!env.includes(`${key}=${value}`)) return `${key} is not ${value}: ${env.join()}`
  for (const key of ['A', 'B_1'])
    if (!(key in wish.env) && env.some((line) => line.startsWith(`${key}=`))) return `${key} is set`
  if (of(facts, 'restart') !== wish.restart) return `it restarts ${of(facts, 'restart')}`
  if (of(facts, 'memory') !== String(wish.memoryMb * 1024 * 1024)) return `memory ${of(facts, 'memory')}`
  if (JSON.parse(of(facts, 'cmd') ?? '[]').join('|') !== 'redis-server|--save|')
    return 'it runs something else'
  const image = facts.get(`image ${odd}`)
  return of(facts, 'is')?.endsWith(` ${image}`) ? undefined : `its image is not ${image}`
}

/** Makes what an earlier run would have made. */
async function make(site: HostSite, resource: Resource): Promise<void> {
  const plan = await look(site.connection, resource)
  if (plan.kind === 'change') await demand(site.connection, plan.apply)
}

export const networkCases = fc.record({
  there: fc.option(
    fc.record({ internal: fc.boolean(), subnet: fc.constantFrom('10.213.90.0/24', '10.213.91.0/24') }),
    { freq: 4 },
  ),
  /** a container is on it, and docker lets no one take it away */
  used: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
  wish: fc.record(
    { internal: fc.boolean(), subnet: fc.constantFrom('10.213.90.0/24', '10.213.91.0/24') },
    { requiredKeys: [] },
  ),
  gone: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
})

export async function networkObeys(site: HostSite, each: Case<typeof networkCases>): Promise<void> {
  const { there, used, wish, gone } = each
  const words = there === null ? [] : [...(there.internal ? ['--internal'] : []), '--subnet', there.subnet]
  await site.arrange(sh`${sweepContainers}
docker network create ${`${name}x`} >/dev/null
${there === null ? sh`:` : sh`docker network create ${words} ${name} >/dev/null`}
${there !== null && used ? sh`docker run -d --network ${name} --name ${`${name}x`} ${redis} >/dev/null` : sh`:`}`)
  const net = (facts: Facts, what: string) => facts.get(`net ${name}: ${what}`)?.trim()
  await obey({
    connection: site.connection,
    resource: gone ? absentDockerNetwork(name) : dockerNetwork(name, wish),
    look: () => dockerFacts(site),
    wrong: (facts) => {
      if (gone) return net(facts, 'is') === undefined ? undefined : 'it is there'
      if (net(facts, 'is') === undefined) return 'there is none'
      if (net(facts, 'internal') !== String(wish.internal ?? false)) return 'internal is wrong'
      return wish.subnet === undefined || net(facts, 'subnet') === wish.subnet
        ? undefined
        : 'the subnet is wrong'
    },
    ending: () => (there !== null && used ? 'failure' : undefined),
    owns: (key) => key.startsWith(`net ${name}: `),
  })
}

export const volumeCases = fc.record({ there: fc.boolean() })

export async function volumeObeys(site: HostSite, { there }: Case<typeof volumeCases>): Promise<void> {
  await site.arrange(sh`${sweepContainers}
docker volume create ${`${name}x`} >/dev/null
${there ? sh`docker volume create ${name} >/dev/null` : sh`:`}`)
  await obey({
    connection: site.connection,
    resource: dockerVolume(name),
    look: () => dockerFacts(site),
    wrong: (facts) => (facts.has(`volume ${name}`) ? undefined : 'there is none'),
    owns: (key) => key === `volume ${name}`,
  })
}

export const imageCases = fc.record({
  there: fc.boolean(),
  wish: fc.constantFrom('nginx', 'nginx', 'nowhere'),
})

export async function imageObeys(site: HostSite, each: Case<typeof imageCases>): Promise<void> {
  const reference =
    each.wish === 'nginx' ? standInReference('nginx') : 'registry.lab:5000/quayside/nonesuch:1'
  const images = sh`docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -v '<none>' | sed 's/ /\\t/'
docker image ls -aq --no-trunc | sort -u | grep -vxF "$(docker image inspect -f '{{.Id}}' ${reference} 2>/dev/null)" || :`
  await site.arrange(
    each.there && each.wish === 'nginx'
      ? sh`docker pull -q ${reference} >/dev/null`
      : sh`docker rmi -f ${reference} >/dev/null 2>&1 || :`,
  )
  await obey({
    connection: site.connection,
    resource: image(reference),
    look: () => tableFacts(site.connection, images),
    wrong: (facts) => (facts.has(reference) ? undefined : 'it is not there'),
    ending: () => (each.wish === 'nowhere' ? 'failure' : undefined),
    owns: (key) => key === reference,
  })
}

const hidden = 'hush-Zq9x'

export const composeCases = fc.record({
  there: fc.constantFrom('absent', 'same', 'same', 'other'),
  drift: fc.subarray(['stopped', 'edited', 'mode', 'unmarked']),
  two: fc.boolean(),
  token: fc.constantFrom(`${hidden} #1 $x`, `say "${hidden}" \\ $$`),
  gone: fc.boolean().chain((seldom) => (seldom ? fc.boolean() : fc.constant(false))),
})

export async function composeObeys(site: HostSite, each: Case<typeof composeCases>): Promise<void> {
  const { there, drift, two, token, gone } = each
  const folder = `/etc/quayside/compose/${name}`
  const project = (services: readonly string[], secret: string) =>
    composeProject(name, {
      content: text`services:\n${services.map((service) => `  ${service}: {image: "${redis}", environment: {TOKEN: "\${TOKEN}"}, stop_grace_period: 1s}\n`).join('')}`,
      env: { TOKEN: new Secret(secret) },
    })
  const services = two ? ['one', 'two'] : ['one']
  await site.arrange(sweepContainers)
  if (there === 'same') await make(site, project(services, token))
  if (there === 'other') await make(site, project(['one', 'old'], 'other'))
  const drifts = {
    stopped: sh`docker stop -t 0 ${`${name}-one-1`} >/dev/null`,
    edited: sh`echo '# mine' >>${`${folder}/compose.yaml`}`,
    mode: sh`chmod 644 ${`${folder}/.env`}`,
    unmarked: sh`rm ${`${folder}/.applied`}`,
  }
  if (there !== 'absent') for (const each of drift) await site.arrange(drifts[each as keyof typeof drifts])
  const mine = (facts: Facts) =>
    [...facts].flatMap(([key, value]) => {
      const found = new RegExp(`^/(${name}-\\w+-1): service$`).exec(key)
      return found === null
        ? []
        : [
            {
              service: value,
              state: facts.get(`/${found[1]}: state`) ?? '',
              env: facts.get(`/${found[1]}: env`) ?? '',
            },
          ]
    })
  await obey({
    connection: site.connection,
    resource: gone ? absentComposeProject(name) : project(services, token),
    look: () => together(dockerFacts(site), treeFacts(site.connection, [folder])),
    wrong: (facts) => {
      if (gone) return mine(facts).length === 0 && !facts.has(`${folder}: kind`) ? undefined : 'it is there'
      const names = mine(facts).map(({ service }) => service)
      if (names.sort().join() !== services.join()) return `it has ${names.join()}`
      const down = mine(facts).find(({ state }) => !state.startsWith('running '))
      if (down !== undefined) return `${down.service} is ${down.state}`
      if (!mine(facts).every(({ env }) => JSON.parse(env).includes(`TOKEN=${token}`)))
        return 'the token is another'
      if (!facts.has(`${folder}/.applied: kind`)) return 'no one knows what was applied'
      if (facts.get(`${folder}/compose.yaml: content`)?.includes('# mine')) return 'its file was edited'
      return facts.get(`${folder}/.env: mode`) === '0600' ? undefined : 'others can read its secrets'
    },
    owns: (key) =>
      key.startsWith(`/${name}-`) || key.startsWith(folder) || key.startsWith(`net ${name}_default`),
    secrets: [hidden],
  })
}
