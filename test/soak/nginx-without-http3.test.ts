import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildImage } from '../../lib/lab/index.ts'
import { registryName } from '../../lib/lab/topology.ts'
import { onHost } from '../lab/lab-host.ts'
import { inLab } from '../lab/playbook.ts'

const site = (vars: Readonly<Record<string, unknown>>) =>
  inLab('site', ['--limit', 'edge-1', '--tags', 'nginx-tls', '-x', JSON.stringify(vars)])

test('an nginx that is built without HTTP/3 refuses the setting, and is left as it is', async () => {
  const context = mkdtempSync(join(tmpdir(), 'quayside-nginx-'))
  const recipe = `FROM ${registryName}/standin/redis:7.0
USER root
RUN apt-get update && apt-get install -y --no-install-recommends nginx && groupadd -fg 101 nginx && useradd -M -g nginx nginx || :
`
  writeFileSync(join(context, 'Dockerfile'), recipe)
  const log = () => undefined
  const { reference } = await buildImage({ context, repository: 'test/nginx', tag: 'debian-12', log })
  rmSync(context, { recursive: true })
  const look = () =>
    onHost('edge-1', `sha256sum /etc/quayside/nginx/nginx.conf; docker inspect -f '{{.Id}}' nginx`)
  const before = await look()
  // First the image is not there yet, and then it is.
  for (const said of [
    /is built without HTTP\/3 \(nginx -V has no http_v3_module\)/,
    /nginx_http3 is on, and this nginx cannot do it/,
  ]) {
    const { code, output } = await site({ nginx_http3: true, nginx_image: reference })
    expect(output).toMatch(said)
    expect(code, output).toBe(1)
    expect(await look()).toBe(before)
  }
  await onHost('edge-1', `docker image rm ${reference} >/dev/null`)
})
