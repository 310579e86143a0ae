import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildImage } from '../../../lib/lab/index.ts'
import { standInReference } from '../../../lib/lab/standins.ts'
import { contextOf, there } from './bench.ts'

const bases = {
  api: { PYTHON_BASE: standInReference('python'), REQUIREMENTS: 'requirements.lab.txt' },
  web: { NODE_BASE: standInReference('node') },
}
const said = {
  SOURCE_DATE_EPOCH: '1700000000',
  CREATED: '2023-11-14T22:13:20Z',
  REVISION: '4d5e1c0',
  RELEASE: 'dev',
}

export const build = (name: keyof typeof bases, tag: string, context = contextOf(name), fresh = false) =>
  buildImage({
    context,
    repository: `test/${name}`,
    tag,
    fresh,
    buildArgs: { ...bases[name], ...said },
    log: () => undefined,
  })

/** Built, and built again from another checkout with nothing of the first: other times and inodes, the same bytes. */
export async function builtTwice(name: keyof typeof bases): Promise<{ digests: string[]; labels: unknown }> {
  const first = await build(name, 'one')
  const copy = mkdtempSync(join(tmpdir(), 'quayside-checkout-'))
  try {
    cpSync(contextOf(name), copy, { recursive: true })
    const second = await build(name, 'two', copy, true)
    const labels: unknown = JSON.parse(
      await there(`docker inspect -f '{{json .Config.Labels}}' registry.lab:5000/test/${name}:one`),
    )
    return { digests: [first.digest, second.digest], labels }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

export function labelsOf(name: keyof typeof bases): Record<string, string> {
  return {
    'org.opencontainers.image.title': `agentlab-${name}`,
    'org.opencontainers.image.source': `docker/${name}`,
    'org.opencontainers.image.version': 'dev',
    'org.opencontainers.image.revision': said.REVISION,
    'org.opencontainers.image.created': said.CREATED,
  }
}
