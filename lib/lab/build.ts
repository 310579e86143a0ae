import { installed, pipe, run } from '../command.ts'
import { messageOf, QuaysideError } from '../error.ts'
import { digestOf, inRegistry } from './registry.ts'
import { registryName } from './topology.ts'

export interface BuildOptions {
  /** A directory of this machine; node_modules, .next and .git in it stay behind. */
  readonly context: string
  /** Relative to the context; Dockerfile if left out. */
  readonly dockerfile?: string
  /** Such as agentlab/api. */
  readonly repository: string
  readonly tag: string
  readonly buildArgs?: Readonly<Record<string, string>>
  /** A stage of the Dockerfile; the last if left out. */
  readonly target?: string
  /** Every step anew, whatever was built before. */
  readonly fresh?: boolean
  readonly log: (line: string) => void
}

export interface Image {
  /** By digest, as hosts pull it: registry.lab:5000/agentlab/api@sha256:… */
  readonly reference: string
  readonly digest: string
}

// $1 is the image, $2 the Dockerfile, what follows goes to buildx as it is. The context comes as a tar on
// standard input. The machine's own bundle holds this machine's CAs, and reaches a build as a secret only.
// --network=host lets builds resolve names as the machine does, whatever resolver this machine uses.
const script = `set -eu
image=$1 dockerfile=$2; shift 2
context=$(mktemp -d /var/tmp/build.XXXXXX)
trap 'rm -rf "$context"' EXIT
mkdir "$context/tree"
tar -x -C "$context/tree" --no-same-owner
printf 'registry=%s\\n' "$NPM_REGISTRY" > "$context/npmrc"
docker buildx build --progress plain --network host --provenance=false \
  --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt --secret "id=npmrc,src=$context/npmrc" \
  --file "$context/tree/$dockerfile" --tag "$image" "$@" "$context/tree"
docker push --quiet "$image"`

/**
 * Builds an image from a directory of this machine in the registry machine, and pushes it.
 * A Dockerfile can mount two secrets: `ca`, a CA bundle, and `npmrc`, which names this machine's npm registry.
 */
export async function buildImage(options: BuildOptions): Promise<Image> {
  const { context, dockerfile = 'Dockerfile', repository, tag, log } = options
  const image = `${registryName}/${repository}:${tag}`
  const args = Object.entries(options.buildArgs ?? {}).flatMap(([key, value]) => [
    '--build-arg',
    `${key}=${value}`,
  ])
  if (options.target !== undefined) args.push('--target', options.target)
  if (options.fresh === true) args.push('--no-cache')
  const left = ['node_modules', '.next', '.git'].map((name) => `--exclude=${name}`)
  const environment = `NPM_REGISTRY=${await npmRegistry()}`
  try {
    await pipe(
      ['tar', '-C', context, ...left, '-c', '.'],
      inRegistry('env', environment, 'sh', '-c', script, 'build', image, dockerfile, ...args),
      { onLine: log },
    )
  } catch (cause) {
    throw new QuaysideError(`the image ${repository}:${tag} did not build`, {
      hint: /No such container|is not running|Cannot connect/.test(messageOf(cause))
        ? 'the lab is not up'
        : 'the lines above say which step failed',
      cause,
    })
  }
  const digest = await digestOf(repository, tag)
  if (!digest) throw new QuaysideError(`the registry does not have ${repository}:${tag} after its push`)
  return { reference: `${registryName}/${repository}@${digest}`, digest }
}

let npm: Promise<string> | undefined

/** The npm registry that this machine is set to use. */
export function npmRegistry(): Promise<string> {
  npm ??= (async () => {
    if (!(await installed('npm'))) return ''
    return (await run(['npm', 'config', 'get', 'registry'])).trim()
  })()
  return npm
}
