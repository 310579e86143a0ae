import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseImage } from '../../../lib/lab/base-image.ts'
import { buildImage } from '../../../lib/lab/index.ts'
import { registryName } from '../../../lib/lab/topology.ts'
import { root } from '../../argv.ts'

/** Builds PostgreSQL 17 with pgvector in the lab; gives its reference. The stand-ins are there, and with them Debian 13. */
export async function postgres17(): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'quayside-postgres-17-'))
  try {
    cpSync(join(root, 'test/soak/postgres-17/Dockerfile'), join(context, 'Dockerfile'))
    cpSync(join(root, 'docker/standins/postgres/docker-entrypoint.sh'), join(context, 'docker-entrypoint.sh'))
    const [, tag] = (await baseImage('trixie')).split(':')
    const { reference } = await buildImage({
      context,
      repository: 'test/postgres',
      tag: '17',
      buildArgs: { BASE: `${registryName}/standin/debian:${tag}` },
      log: (line) => console.log(line),
    })
    return reference
  } finally {
    rmSync(context, { recursive: true })
  }
}
