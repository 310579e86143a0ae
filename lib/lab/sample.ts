import { fileURLToPath } from 'node:url'
import { QuaysideError } from '../error.ts'
import { buildImage } from './build.ts'
import { fingerprint, fingerprintDirectory } from './fingerprint.ts'
import { provenanceOf } from './provenance.ts'
import { digestOf } from './registry.ts'
import { standInReference } from './standins.ts'
import { registryName } from './topology.ts'

type Log = (line: string) => void

/** The sample app's images: folders of docker/, and the stand-in base that each is built on in the lab. */
const sample = {
  api: { PYTHON_BASE: standInReference('python'), REQUIREMENTS: 'requirements.lab.txt' },
  web: { NODE_BASE: standInReference('node') },
} as const

const names = Object.keys(sample) as readonly (keyof typeof sample)[]

/** The release that the sample app's sources make: the same sources, the same name. */
export async function sampleRelease(): Promise<string> {
  const parts = await Promise.all(names.map((name) => fingerprintDirectory(contextOf(name))))
  return `src-${fingerprint(...parts)}`
}

/** Builds the sample app's images under a release's name and pushes them to the lab's registry. */
export async function buildSample(release: string, log: Log, verbose: boolean): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const lines: string[] = []
      try {
        await buildImage({
          context: contextOf(name),
          repository: `agentlab/${name}`,
          tag: release,
          buildArgs: { ...sample[name], ...(await provenanceOf(contextOf(name))), RELEASE: release },
          log: verbose ? log : (line) => lines.push(line),
        })
      } catch (error) {
        for (const line of lines.slice(-25)) log(line)
        throw error
      }
      log(`built ${registryName}/agentlab/${name}:${release}`)
    }),
  )
}

/** Throws when the registry lacks an image of a release. */
export async function demandSample(release: string): Promise<void> {
  if (await hasSample(release)) return
  throw new QuaysideError(`the lab's registry has no release ${release}`, {
    hint: `npx zx playbooks/build.ts --env lab --release ${release}`,
    exitCode: 2,
  })
}

export async function hasSample(release: string): Promise<boolean> {
  const digests = await Promise.all(names.map((name) => digestOf(`agentlab/${name}`, release)))
  return digests.every((digest) => digest !== undefined)
}

function contextOf(name: string): string {
  return fileURLToPath(new URL(`../../docker/${name}`, import.meta.url))
}
