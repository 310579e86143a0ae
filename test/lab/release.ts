import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildImage } from '../../lib/lab/index.ts'

const quiet = () => undefined

/**
 * Dockerfile lines after which an image says of libssl3 that it is an old one, as no image built today does: a fix is
 * pending whatever the mirror has.
 */
export const oldLibssl = `USER 0
RUN sed -i '/^Package: libssl3$/,/^$/s/^Version: .*/Version: 3.0.0-1/' /var/lib/dpkg/status
USER 10001
`

/** A release made from another one: the same images under a new name, with more Dockerfile lines for the api or the web. */
export async function deriveRelease(
  from: string,
  tag: string,
  apiLines = '',
  webLines = '',
): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'quayside-context-'))
  try {
    for (const [name, lines] of [
      ['api', apiLines],
      ['web', webLines],
    ] as const) {
      const base = `FROM registry.lab:5000/agentlab/${name}:${from}\nENV RELEASE=${tag}\n`
      writeFileSync(join(context, 'Dockerfile'), base + lines)
      await buildImage({ context, repository: `agentlab/${name}`, tag, log: quiet })
    }
  } finally {
    rmSync(context, { recursive: true })
  }
  return tag
}
