import { setTimeout as sleep } from 'node:timers/promises'
import type { AppRecord } from '../../lib/backup/drill/evidence.ts'
import { onHost } from '../../lib/backup/drill/on-host.ts'
import type { Boot, BootPlace } from '../../lib/backup/drill/work.ts'
import { ask, direct, parseAnswers, type Question } from '../../lib/deploy/edge.ts'
import type { Release } from '../../lib/deploy/release.ts'
import { messageOf } from '../../lib/error.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { createArguments } from '../../lib/resource/container-argv.ts'
import { awaitHealthy, ensureImage } from '../../lib/resource/container-script.ts'
import { feed, lines, type Script, sh } from '../../lib/script/index.ts'
import { type Content, Secret } from '../../lib/secret/index.ts'
import type { PostgresVars } from '../postgres-pgvector/schema.ts'
import type { RedisVars } from '../redis/schema.ts'
import type { App } from './schema.ts'
import { appSpec } from './spec.ts'

/** Where an app finds what it finds elsewhere in production. */
export interface Moved {
  /** names and addresses of the host of PostgreSQL and Redis, and what takes their place */
  readonly from: readonly string[]
  readonly to: string
  /** ports on that host, and the ones behind which the same is in the scratch network */
  readonly ports: readonly (readonly [number, number])[]
}

/**
 * Boots the apps of a release that speak to the database, in the scratch server's network, as deploys run them, and
 * asks each for its health and smoke paths from the host.
 */
export function bootApps(db: Host, apps: readonly App[]): Boot {
  return async (place) => {
    const postgres = db.vars as unknown as PostgresVars & RedisVars
    const moved: Moved = {
      from: [db.privateAddress, db.name],
      to: place.scratch.alias,
      ports: [
        [postgres.postgres_port, 5432],
        [postgres.redis_port, 6379],
      ],
    }
    const meant = apps.filter((app) => place.release.images[app.name] !== undefined && speaks(app, moved))
    const records: AppRecord[] = []
    const problems: string[] = []
    for (const app of meant) {
      try {
        const record = await bootOne(app, moved, place)
        records.push(record)
        for (const { path, status } of record.answers.filter((each) => !isWell(each)))
          problems.push(`${app.name}: ${path} answers ${status === 0 ? 'nothing' : status}`)
      } catch (error) {
        if (place.signal.aborted) throw error
        problems.push(`${app.name}: ${messageOf(error)}`)
      }
    }
    return { apps: records, problems }
  }
}

async function bootOne(app: App, moved: Moved, place: BootPlace): Promise<AppRecord> {
  const { session, signal, release } = place
  const full: Release = { ...release, config: '' }
  const title = `the start of ${app.name} of ${release.id}`
  const said = await onHost(session.connection, title, boot(app, full, moved, place), signal)
  const address = said.trim().split('\n').at(-1) ?? ''
  const paths = [...new Set([app.health, ...app.smoke])]
  const questions = paths.map((path) => direct(path, address, app.port, path))
  let answers = await asked(questions, place)
  // Health comes before readiness: pools fill, caches warm.
  for (let left = app.start_seconds; left > 0 && !answers.every(isWell); left -= 3) {
    await sleep(3000, undefined, { signal })
    answers = await asked(questions, place)
  }
  return {
    name: app.name,
    image: full.images[app.name] ?? '',
    answers: answers.map(({ name, status }) => ({ path: name, status })),
  }
}

async function asked(questions: readonly Question[], { session, signal }: BootPlace) {
  return parseAnswers(
    questions,
    await onHost(session.connection, 'questions to an app', ask(questions), signal),
  )
}

const isWell = ({ status }: { readonly status: number }): boolean => status >= 200 && status <= 299

/** Starts it, waits until it is healthy, and prints its address. */
function boot(app: App, release: Release, moved: Moved, { scratch }: BootPlace): Script {
  const secrets = `${scratch.folder}/${app.name}`
  const spec = appSpec(app, 'blue', release)
  const name = `${scratch.name}-${app.name}`
  const words = createArguments(name, {
    ...spec,
    env: movedEnv(spec.env, moved),
    mounts: [{ source: secrets, target: '/run/secrets', readOnly: true }],
    network: scratch.network,
    networkAlias: app.name,
    restart: 'no',
    labels: scratch.labels,
    health: { intervalSeconds: 1, timeoutSeconds: 5, retries: 3, startPeriodSeconds: app.start_seconds },
  })
  return lines(
    sh`set -e
umask 077
mkdir -p ${secrets}
chmod 711 ${scratch.folder}`,
    ...Object.entries(app.secrets).map(
      ([key, value]) => sh`base64 -d > ${`${secrets}/${key}`}${feed(movedContent(value, moved))}`,
    ),
    sh`chmod -R u=rX,go= ${secrets}
chown -R ${`${app.user}:${app.user}`} ${secrets}
${ensureImage(spec.image)}
docker run -d ${words} >/dev/null
${awaitHealthy(name, app.start_seconds)}
docker container inspect -f ${'{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'} ${name}`,
  )
}

/** Whether anything it is told names the host of the database. */
export function speaks(app: Pick<App, 'env' | 'secrets'>, moved: Moved): boolean {
  const told = [...Object.values(app.env), ...Object.values(app.secrets).map((each) => each.reveal())]
  return told.some((text) => movedText(text, moved) !== text)
}

/** Its environment with the scratch server in the place of the real one; a port that stands alone by its variable's name. */
export function movedEnv(env: Readonly<Record<string, string>>, moved: Moved): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const port = /PORT$/.test(name) ? moved.ports.find(([from]) => String(from) === value) : undefined
      return [name, port === undefined ? movedText(value, moved) : String(port[1])]
    }),
  )
}

/** A text, an URL perhaps, with the scratch server's name in the place of the host's, wherever that stands as a word. */
export function movedText(text: string, { from, to, ports }: Moved): string {
  return from.reduce((so, host) => {
    const word = new RegExp(
      `(?<![\\w.-])${host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?::(\\d+))?(?![\\w-]|\\.\\w)`,
      'g',
    )
    return so.replace(word, (_, port?: string) => {
      if (port === undefined) return to
      const there = ports.find(([outside]) => String(outside) === port)
      return `${to}:${there?.[1] ?? port}`
    })
  }, text)
}

function movedContent(content: Secret, moved: Moved): Content {
  const text = movedText(content.reveal(), moved)
  return text === content.reveal() ? content : new Secret(text, 'composed')
}
