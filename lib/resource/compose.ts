import { createHash } from 'node:crypto'
import { type Script, sh } from '../script/index.ts'
import { type Content, join } from '../secret/index.ts'
import { absolutePath, matching, whole } from './argument.ts'
import { environmentLine, sha256 } from './content.ts'
import { directory } from './directory.ts'
import { dockerProbe } from './docker.ts'
import { file } from './file.ts'
import {
  type Change,
  type Common,
  type Plan,
  type Probed,
  type Resource,
  resource,
  unchanged,
} from './resource.ts'

export interface ComposeProjectOptions extends Common {
  /** compose.yaml */
  readonly content: Content
  /** further files beside it, by name: those that compose.yaml mounts, includes or reads */
  readonly files?: Readonly<Record<string, Content>> | undefined
  /** variables that compose.yaml interpolates, kept in .env beside it */
  readonly env?: Readonly<Record<string, Content>> | undefined
  /** /etc/quayside/compose/NAME unless told */
  readonly directory?: string | undefined
  /** how long the services may take to be up and healthy; 180 unless told */
  readonly waitHealthySeconds?: number | undefined
}

interface Observed {
  readonly parts: readonly Probed[]
  /** hash of the files that the last successful `up` was made from */
  readonly applied: string
  /** services that it had */
  readonly services: readonly string[]
  /** "web running" for each container of the project */
  readonly containers: readonly (readonly [service: string, state: string])[]
}

/** A Compose project whose files are as told, and whose services all run. */
export function composeProject(name: string, options: ComposeProjectOptions): Resource {
  const { waitHealthySeconds = 180, notify } = options
  projectName(name)
  whole(waitHealthySeconds, 1, 3600, 'waitHealthySeconds')
  const folder = projectFolder(name, options.directory)
  const contents = contentsOf(options)
  const parts = [
    directory(folder, { mode: 0o700 }),
    ...contents.map(([key, content]) => file(`${folder}/${key}`, { content, mode: 0o600 })),
  ]
  const names = ['its directory', ...contents.map(([key]) => key)]
  const wanted = createHash('sha256')
    .update(JSON.stringify(contents.map(([key, content]) => [key, sha256(content)])))
    .digest('hex')
  return resource({
    id: `compose project ${name}`,
    probe: dockerProbe(sh`${parts.reduce(
      (script, part) => sh`${script}echo '#part'
(
${part.probe}
)
`,
      sh``,
    )}echo '#state'
[ ! -f ${`${folder}/.applied`} ] || cat ${`${folder}/.applied`}
echo '#containers'
${listContainers(name)}
`),
    read: ({ stdout }) => readProject(stdout, parts.length),
    plan: (is) => {
      const changes = parts.flatMap((part, index) => {
        const plan = part.plan(is.parts[index] ?? { stdout: '', stderr: '', code: 1 })
        return plan.kind === 'change' ? [{ name: names[index] ?? part.id, ...plan }] : []
      })
      const down = is.services.filter((service) => !runs(service, is))
      const reasons = [
        ...changes.map(({ name, summary }) => `${name}: ${summary}`),
        ...(is.applied === wanted ? down.map((service) => `${service} does not run`) : ['up']),
      ]
      if (reasons.length === 0) return unchanged
      const up = upScript(name, folder, wanted, waitHealthySeconds)
      const diff = changes
        .flatMap(({ name, diff }) => (diff === undefined ? [] : [` ${name}`, diff]))
        .join('\n')
      return composeChange(reasons, diff, [...changes.map(({ apply }) => apply), up], waitHealthySeconds)
    },
    notify,
  })
}

/** No container of this project, and no files. Its volumes stay. */
export function absentComposeProject(
  name: string,
  options: Common & { readonly directory?: string | undefined } = {},
): Resource {
  projectName(name)
  const folder = projectFolder(name, options.directory)
  return resource({
    id: `compose project ${name}`,
    probe: dockerProbe(sh`[ ! -d ${folder} ] || echo directory
${listContainers(name)}
`),
    read: ({ stdout }) => stdout.trim(),
    plan: (there): Plan =>
      there === ''
        ? unchanged
        : {
            kind: 'change',
            summary: 'remove',
            apply: sh`set -e
said=$(docker compose --ansi never -p ${name} down --remove-orphans 2>&1) || { printf '%s\\n' "$said" | tail -n 20 >&2; exit 1; }
rm -rf --one-file-system -- ${folder}
`,
          },
    notify: options.notify,
  })
}

function composeChange(
  reasons: readonly string[],
  diff: string,
  acts: readonly Script[],
  seconds: number,
): Change {
  const apply = acts.reduce(
    (script, act) => sh`${script}(
${act}
)
`,
    sh`set -e
`,
  )
  const summary = reasons.join(', ')
  return { kind: 'change', summary, ...(diff === '' ? {} : { diff }), apply, timeoutSeconds: 1800 + seconds }
}

function upScript(name: string, folder: string, wanted: string, seconds: number): Script {
  const compose = sh`docker compose --ansi never -p ${name} --project-directory ${folder} -f ${`${folder}/compose.yaml`}`
  return sh`set -e
said=$(${compose} up -d --wait --wait-timeout ${seconds} --remove-orphans --quiet-pull 2>&1) || {
  printf '%s\\n' "$said" | tail -n 20 >&2
  ${compose} logs --no-color --tail 10 >&2 2>&1 || :
  exit 1
}
services=$(${compose} config --services)
umask 077
{ echo ${`hash ${wanted}`}; for service in $services; do echo "service $service"; done; } >${`${folder}/.applied`}`
}

function listContainers(name: string): Script {
  const format = '{{.Label "com.docker.compose.service"}} {{.State}}'
  return sh`docker ps -a --filter ${`label=com.docker.compose.project=${name}`} --filter label=com.docker.compose.oneoff=False --format ${format}`
}

function readProject(stdout: string, count: number): Observed {
  const [head = '', containers = ''] = stdout.split('#containers\n')
  const [found = '', state = ''] = head.split('#state\n')
  const outputs = found.split('#part\n').slice(1, count + 1)
  const words = (text: string) =>
    text.split('\n').map((line): [string, string] => {
      const [first = '', second = ''] = line.split(' ')
      return [first, second]
    })
  return {
    parts: outputs.map((output) => ({ stdout: output, stderr: '', code: 0 })),
    applied: words(state).find(([key]) => key === 'hash')?.[1] ?? '',
    services: words(state).flatMap(([key, value]) => (key === 'service' ? [value] : [])),
    containers: words(containers),
  }
}

function runs(service: string, { containers }: Observed): boolean {
  const own = containers.filter(([name]) => name === service)
  return own.length > 0 && own.every(([, state]) => state === 'running')
}

function contentsOf(options: ComposeProjectOptions): readonly (readonly [string, Content])[] {
  const { content, files = {}, env = {} } = options
  const variables = Object.entries(env).map(([key, value]) => environmentLine(key, value))
  for (const key of Object.keys(files)) {
    matching(key, /^(?!compose\.yaml$|\.env$|\.applied$)[\w.-]+$/, 'name of a file beside compose.yaml')
  }
  return [
    ['compose.yaml', content],
    ...(variables.length === 0 ? [] : [['.env', join(variables, '')] as const]),
    ...Object.entries(files),
  ]
}

function projectName(name: string): string {
  return matching(name, /^[a-z0-9][a-z0-9_-]*$/, 'name of a compose project')
}

function projectFolder(name: string, folder: string | undefined): string {
  return absolutePath(folder ?? `/etc/quayside/compose/${name}`, 'directory')
}
