import { StoreError, type StoreFailure } from './store.ts'

const known: Readonly<Record<string, { reason: StoreFailure; text: string; hint: string }>> = {
  ENOSPC: {
    reason: 'full',
    text: 'the disk is full',
    hint: 'make room, or prune old backups; df -h shows it',
  },
  EDQUOT: { reason: 'full', text: 'the quota is used up', hint: 'make room, or prune old backups' },
  EFBIG: { reason: 'full', text: 'the file system takes no file of that size', hint: 'use another one' },
  EACCES: { reason: 'denied', text: 'permission denied', hint: 'it must belong to who runs this: ls -ld' },
  EROFS: { reason: 'denied', text: 'the file system is read-only', hint: 'mount it for writing' },
  ENOTDIR: { reason: 'failed', text: 'a file is where a folder should be', hint: 'move it away' },
  EISDIR: { reason: 'failed', text: 'a folder is where a file should be', hint: 'move it away' },
  ESTALE: { reason: 'unreachable', text: 'the network mount is gone', hint: 'mount it again' },
  ENOTCONN: { reason: 'unreachable', text: 'the network mount is gone', hint: 'mount it again' },
  EIO: {
    reason: 'failed',
    text: 'the disk does not read or write',
    hint: 'look at dmesg: it may be failing',
  },
}

/** The system's error as a StoreError; `doing` is what was tried: "cannot write /backups/a". */
export function fromSystem(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  const code = codeOf(error)
  if (code === 'EPERM')
    return new StoreError(`${doing}: the system does not permit it`, {
      reason: 'locked',
      hint: 'it may be immutable: lsattr and ls -ld show it',
      cause: error,
    })
  const found = known[code]
  if (found === undefined)
    return new StoreError(`${doing}: ${code || 'it failed'}`, { reason: 'failed', cause: error })
  return new StoreError(`${doing}: ${found.text}`, { reason: found.reason, hint: found.hint, cause: error })
}

/** "ENOENT" */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
