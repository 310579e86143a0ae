import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { pipe, run } from '../../../lib/command.ts'
import { buildImage } from '../../../lib/lab/index.ts'
import { inRegistry } from '../../../lib/lab/registry.ts'
import { standInReference } from '../../../lib/lab/standins.ts'

/** Everything that these tests make in the machine that builds images is called so. */
export const bench = 'images-test'
export const folder = `/var/tmp/${bench}`

/** The folder of one of the sample app's images. */
export const contextOf = (name: string): string =>
  fileURLToPath(new URL(`../../../docker/${name}`, import.meta.url))

/** Runs shell text in the machine that builds images; throws when it fails. */
export function there(script: string, input = ''): Promise<string> {
  return run(inRegistry('sh', '-euc', script), { input, timeout: 120_000 })
}

/** Puts an edited source file, or a secret, where containers see it. */
export const write = (path: string, content: string): Promise<string> =>
  there(`mkdir -p "$(dirname ${folder}/${path})"; cat > ${folder}/${path}`, content)

/** A network with PostgreSQL and Redis in it, as development has them, and the sources where containers can see them. */
export async function setUp(): Promise<void> {
  await tearDown()
  await there(`mkdir -p ${folder}/secrets && docker network create ${bench} >/dev/null
docker run -d --name ${bench}-postgres --network ${bench} --network-alias postgres --tmpfs /var/lib/postgresql/data \\
  -e POSTGRES_USER=app -e POSTGRES_HOST_AUTH_METHOD=trust ${standInReference('postgres')} >/dev/null
docker run -d --name ${bench}-redis --network ${bench} --network-alias redis ${standInReference('redis')} >/dev/null`)
  for (const name of ['api', 'web']) {
    const unpack = `mkdir -p ${folder}/${name} && tar -x -C ${folder}/${name} --no-same-owner`
    await pipe(['tar', '-C', contextOf(name), '-c', 'app'], inRegistry('sh', '-euc', unpack))
  }
  await write('secrets/database_password', 'any will do\n')
  await write('secrets/api_signing_key', signingKey)
  await write('secrets/anthropic_api_key', providerKey)
  await write('secrets/openai_api_key', '')
}

export async function tearDown(): Promise<void> {
  await there(`docker ps -aq --filter name=^${bench}- | xargs -r docker rm -fv >/dev/null
docker network rm ${bench} >/dev/null 2>&1 || :
rm -rf ${folder}`)
}

export const signingKey = randomBytes(32).toString('hex')
export const providerKey = `sk-ant-${randomBytes(16).toString('hex')}`

/** As compose files run it: hardened, its secrets as files. */
const hardened = `--init --network ${bench} --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges`

export const apiOptions = `${hardened} -v ${folder}/secrets:/run/secrets:ro -e DATABASE_HOST=postgres -e DATABASE_NAME=app \\
  -e DATABASE_USER=app -e DATABASE_PASSWORD_FILE=/run/secrets/database_password -e REDIS_HOST=redis \\
  -e API_SIGNING_KEY_FILE=/run/secrets/api_signing_key -e ANTHROPIC_API_KEY_FILE=/run/secrets/anthropic_api_key \\
  -e OPENAI_API_KEY_FILE=/run/secrets/openai_api_key -e OLLAMA_URL=http://ollama.example:11434`

export const webReleaseOptions = `${hardened} -e API_URL=http://api:8000`
export const webOptions = `${webReleaseOptions} --tmpfs /srv/.next:uid=10001,gid=10001,mode=0700`

/** Starts a container that others call `name`, and waits until its image's own check finds it healthy; its address. */
export async function start(name: string, options: string, image: string, command = ''): Promise<string> {
  await there(`docker rm -f ${bench}-${name} >/dev/null 2>&1 || :
docker run -d --name ${bench}-${name} --network-alias ${name} ${options} ${image} ${command} >/dev/null`)
  return healthy(name)
}

/** Waits until a container is healthy; its address. */
export async function healthy(name: string): Promise<string> {
  const said = await there(`for try in $(seq 300); do
  state=$(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' ${bench}-${name})
  [ "$state" = 'running healthy' ] && exec docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' ${bench}-${name}
  case $state in running*) sleep 0.2 ;; *) break ;; esac
done
docker logs --tail 40 ${bench}-${name} 2>&1; echo "it is $state" ; exit 0`)
  const address = said.trim()
  if (!/^[\d.]+$/.test(address)) throw new Error(`${name} does not get healthy:\n${said}`)
  return address
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Asks a container, from the machine that it runs on. */
export async function ask(
  url: string,
  method = 'GET',
  body = '',
  headers: readonly string[] = [],
): Promise<Answer> {
  const more = [...headers, 'Content-Type: application/json'].map((header) => `-H '${header}'`).join(' ')
  const data = body === '' ? '' : '--data-binary @-'
  const said = await there(`curl -sS -m 90 -X ${method} ${more} ${data} -w '\\n%{http_code}' '${url}'`, body)
  const lines = said.split('\n')
  return { status: Number(lines.at(-1)), body: lines.slice(0, -1).join('\n') }
}

/** Replaces a text in a source file, and tells how many milliseconds later the answer at `url` holds `sign`. */
export async function edit(
  file: string,
  from: string,
  to: string,
  url: string,
  sign: string,
): Promise<number> {
  const said = await there(`begin=$(date +%s%N)
sed -i 's|${from}|${to}|' ${folder}/${file}
for try in $(seq 400); do
  if curl -s -m 30 '${url}' | grep -qF '${sign}'; then echo $((($(date +%s%N) - begin) / 1000000)); exit 0; fi
  sleep 0.02
done
echo never`)
  const took = Number(said)
  if (Number.isNaN(took)) throw new Error(`${url} never shows ${sign} after an edit of ${file}`)
  return took
}

/** Stops a container as Docker does; milliseconds, and how it ended. */
export async function stop(name: string): Promise<{ readonly ms: number; readonly code: number }> {
  const said = await there(`begin=$(date +%s%N); docker stop -t 9 ${bench}-${name} >/dev/null
echo $((($(date +%s%N) - begin) / 1000000)) $(docker inspect -f '{{.State.ExitCode}}' ${bench}-${name})`)
  const [ms = '', code = ''] = said.trim().split(' ')
  return { ms: Number(ms), code: Number(code) }
}

/** What a container has written, both streams. */
export const logsOf = (name: string): Promise<string> => there(`docker logs ${bench}-${name} 2>&1`)

const devBases = {
  api: {
    PYTHON_BASE: standInReference('python'),
    REQUIREMENTS: 'requirements.lab.txt',
    DEV_REQUIREMENTS: 'requirements.lab.txt',
  },
  web: { NODE_BASE: standInReference('node') },
}

/** Builds a development image; gives its reference. */
export async function buildDev(name: keyof typeof devBases): Promise<string> {
  const options = { context: contextOf(name), repository: `test/${name}`, tag: 'dev', target: 'dev' }
  const { reference } = await buildImage({ ...options, buildArgs: devBases[name], log: () => undefined })
  return reference
}

/** The sources as development mounts them. */
export const mounted = (name: string): string => `-v ${folder}/${name}/app:/srv/app:ro`
