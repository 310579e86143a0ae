import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { folder, type Manifest, manifests, nameOf, schemaFaults } from '../../kubernetes/manifest.ts'
import { podOf, policyFaults } from '../../kubernetes/policy.ts'

/** What builds an overlay here: kustomize, or kubectl, which has it in it. */
const builder = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(([program = '']) => {
  try {
    execFileSync(program, program === 'kubectl' ? ['version', '--client'] : ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

async function built(overlay: string): Promise<readonly Manifest[]> {
  const [program = '', word = ''] = builder ?? []
  const { stdout } = await promisify(execFile)(program, [word, overlay], { maxBuffer: 1 << 24 })
  return manifests(stdout)
}

const named = (all: readonly Manifest[], name: string) => all.find((each) => nameOf(each) === name)

describe.skipIf(builder === undefined)('with kustomize', () => {
  test.each(['dev', 'staging', 'production'])('%s is what the API takes and policy allows', async (name) => {
    const all = await built(join(folder, 'overlays', name))
    expect(all.length).toBeGreaterThan(15)
    expect(all.flatMap(schemaFaults)).toEqual([])
    expect(policyFaults(all)).toEqual([])
    const outside = all.filter(({ kind, metadata }) => kind !== 'Namespace' && !('namespace' in metadata))
    expect(outside.map(nameOf)).toEqual([])
  })

  test('what an overlay says stands in what it builds', async () => {
    const all = await built(join(folder, 'overlays/production'))
    expect(named(all, 'Ingress/agentlab')?.spec.rules[0].host).toBe('example.com')
    expect(named(all, 'Ingress/agentlab')?.spec.tls[0].hosts).toEqual(['example.com'])
    expect(named(all, 'HorizontalPodAutoscaler/api')?.spec).toMatchObject({ minReplicas: 3, maxReplicas: 12 })
    const [api] = podOf(named(all, 'Deployment/api') as Manifest).spec.containers
    expect(api.env).toContainEqual({ name: 'PUBLIC_URL', value: 'https://example.com' })
    expect(api.env.length).toBeGreaterThan(5)
    const [postgres] = podOf(named(all, 'StatefulSet/postgres') as Manifest).spec.containers
    expect(postgres.resources.limits).toEqual({ cpu: '1', memory: '8192Mi' })
    const keys = named(all, 'ExternalSecret/agentlab-secrets')?.spec.data as { secretKey: string }[]
    const wanted = all.flatMap((each) => {
      type Volume = { secret?: { items: { key: string }[] } }
      const volumes = (podOf(each)?.spec.volumes ?? []) as Volume[]
      return volumes.flatMap(({ secret }) => secret?.items.map(({ key }) => key) ?? [])
    })
    expect(keys.map(({ secretKey }) => secretKey).toSorted()).toEqual([...new Set(wanted)].toSorted())
  })

  test('dev has one of each, and nothing that grows', async () => {
    const all = await built(join(folder, 'overlays/dev'))
    expect(all.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler')
    expect(all.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget')
  })

  test('a release is a folder of its own over an overlay', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'kubernetes-'))
    try {
      cpSync(folder, copy, { recursive: true })
      const release = join(copy, 'releases/production')
      mkdirSync(release, { recursive: true })
      writeFileSync(
        join(release, 'kustomization.yaml'),
        `resources: [../../overlays/production]
components: [../../schedules]
images:
  - { name: agentlab/quayside, newName: registry.example.com/agentlab/quayside, newTag: 1.4.0 }
  - { name: registry.example.com/agentlab/api, newTag: 1.4.0 }
  - { name: registry.example.com/agentlab/web, newTag: 1.4.0 }
`,
      )
      const all = await built(release)
      expect(all.flatMap(schemaFaults)).toEqual([])
      expect(policyFaults(all)).toEqual([])
      expect(named(all, 'CronJob/quayside-backup')?.metadata).toMatchObject({ namespace: 'agentlab' })
      const images = all.flatMap((each) =>
        ((podOf(each)?.spec.containers ?? []) as { image: string }[]).map(({ image }) => image),
      )
      expect(images.filter((image) => image.endsWith(':1.4.0')).length).toBe(5)
      expect(images.filter((image) => image.endsWith(':unset'))).toEqual([])
    } finally {
      rmSync(copy, { recursive: true })
    }
  })
})
