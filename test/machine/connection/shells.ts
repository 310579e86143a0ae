import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone when the test file is done. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'quayside-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Each shell of this machine that a host may have as its `sh`, under that name. */
export function shells(folder: string): readonly { readonly name: string; readonly program: string }[] {
  // Debian's sh is dash: one of the two is enough.
  const isSh = (path: string) => realpathSync(path) === realpathSync('/bin/sh')
  const candidates = { sh: '/bin/sh', dash: '/bin/dash', bash: '/bin/bash', busybox: '/bin/busybox' }
  return Object.entries(candidates).flatMap(([name, path]) => {
    if (!existsSync(path) || (name !== 'sh' && isSh(path))) return []
    if (name === 'sh') return [{ name, program: path }]
    const own = mkdtempSync(join(folder, `${name}-`))
    symlinkSync(path, join(own, 'sh'))
    return [{ name, program: join(own, 'sh') }]
  })
}

/** Whether a process runs: gone, or a zombie that its new parent has not taken yet, is not running. */
export function alive(pid: string): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
