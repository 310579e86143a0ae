import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const tmpfs = 0x01021994

/** A folder that only this user can enter, for text that must not outlive its use. */
export interface Scratch {
  readonly folder: string
  /** false where no file system in memory was found: what is written there may be on a disk */
  readonly inMemory: boolean
  /** overwrites and removes all of it; safe to call twice */
  wipe(): void
}

/**
 * Makes one, in memory where the machine can. It is wiped when the process ends, whichever way but SIGKILL: also when
 * the terminal is closed or a second Ctrl-C does not wait.
 */
export function scratch(): Scratch {
  const memory = ['/dev/shm', process.env.XDG_RUNTIME_DIR].find((path) => path && isTmpfs(path))
  const folder = mkdtempSync(join(memory ?? tmpdir(), 'quayside-'))
  const wipe = () => {
    for (const name of entries(folder)) overwrite(join(folder, name))
    rmSync(folder, { recursive: true, force: true })
  }
  const hangUp = () => process.exit(129)
  process.on('exit', wipe)
  process.on('SIGHUP', hangUp)
  return {
    folder,
    inMemory: memory !== undefined,
    wipe: () => {
      process.off('exit', wipe)
      process.off('SIGHUP', hangUp)
      wipe()
    },
  }
}

function isTmpfs(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return statfsSync(path).type === tmpfs
  } catch {
    return false
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}

function overwrite(path: string): void {
  try {
    const { size } = statSync(path)
    const file = openSync(path, 'r+')
    try {
      writeSync(file, Buffer.alloc(size))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch {
    // A folder, or gone: removing it is what is left to do.
  }
}
