import { execFile, execFileSync } from 'node:child_process'
import { expect } from 'vitest'

interface Inspected {
  readonly RestartCount: number
  readonly Config: { readonly User: string; readonly Env: readonly string[] }
  readonly State: { readonly Health?: { readonly Log: readonly { Start: string; End: string }[] } }
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean
    readonly CapDrop: readonly string[] | null
    readonly CapAdd: readonly string[] | null
    readonly SecurityOpt: readonly string[] | null
    readonly Privileged: boolean
    readonly Memory: number
    readonly NanoCpus: number
    readonly PidsLimit: number
    readonly Init: boolean
    readonly LogConfig: { readonly Config: Readonly<Record<string, string>> }
  }
}

/** What the engine says of a container. */
export function inspected(container: string): Inspected {
  const [found] = JSON.parse(execFileSync('docker', ['inspect', container], { encoding: 'utf8' }))
  return found
}

/** Runs a command in a container; gives what it printed, and whether it ended well. */
export function inside(
  container: string,
  ...words: readonly string[]
): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile('docker', ['exec', container, ...words], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, text: `${stdout}${stderr}`.trim() }),
    )
  })
}

/** The uid of each process in a container, as the kernel has it: the engine's own init, and what it runs. */
function userIds(container: string): readonly string[] {
  const text = execFileSync('docker', ['top', container, '-eo', 'pid,uid'], { encoding: 'utf8' })
  return [
    ...new Set(
      text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/)[1] ?? ''),
    ),
  ]
}

/** No rights and no more than its limits, by what the engine and the kernel say of the container. */
export function expectHardened(container: string): void {
  const { HostConfig: host } = inspected(container)
  expect(host).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false, Init: true })
  expect(host.CapAdd ?? []).toEqual([])
  expect(host.SecurityOpt).toContain('no-new-privileges:true')
  expect(host.Memory).toBeGreaterThan(0)
  expect(host.NanoCpus).toBeGreaterThan(0)
  expect(host.PidsLimit).toBeGreaterThan(0)
  expect(host.LogConfig.Config).toEqual({ 'max-size': '10m', 'max-file': '3' })
  expect(userIds(container)).not.toContain('0')
}

/** Each of its last health checks took less than five seconds. */
export function expectQuick(container: string): void {
  const log = inspected(container).State.Health?.Log ?? []
  expect(log.length).toBeGreaterThan(0)
  for (const { End, Start } of log) expect(Date.parse(End) - Date.parse(Start)).toBeLessThan(5000)
}
