import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { QuaysideError } from '../error.ts'
import { sh } from '../script/index.ts'
import { absolutePath, oneLine } from './argument.ts'
import { byteCount, type LocalFile, lookHere, writeHere } from './local-file.ts'
import { fields } from './observed.ts'
import { Conflict, type Plan, type Resource, resource, unchanged, unknown } from './resource.ts'

/** A fetched file travels as base64 in the output of one script, of which a connection takes 64 MiB. */
export const fetchLimit = 40 * 1024 * 1024

interface Observed {
  readonly there: ReadonlyMap<string, string>
  readonly here: LocalFile
}

/**
 * A file of the host (or what a link leads to), as a file on this machine. Folders are made on the way to it, the old
 * file is replaced at once when the new one is whole, and a file that others cannot read on the host is kept from
 * them here. The local path carries the host's name, or hosts overwrite each other's:
 *
 *     fetchFile('/etc/ssl/app.pem', `${folder}/${host.name}/app.pem`)
 *
 * At most 40 MiB; a bigger file is refused before anything is sent.
 */
export function fetchFile(path: string, localPath: string): Resource {
  absolutePath(path)
  if (!isAbsolute(oneLine(localPath, 'local path')) || localPath.endsWith('/')) {
    throw new TypeError(`the local path must be absolute, and name a file: ${JSON.stringify(localPath)}`)
  }
  if (localPath.includes('{host}')) {
    throw new TypeError(`write the host's name into the local path by \${host.name}: ${localPath}`)
  }
  return resource({
    id: `fetch ${path} to ${localPath}`,
    probe: sh`if [ -f ${path} ]; then
  set -e
  stat -L -c 'is=file
mode=%a
size=%s' -- ${path}
  [ "$(stat -L -c %s -- ${path})" -gt ${fetchLimit} ] || { sum=$(sha256sum <${path}); echo "sha256=\${sum%% *}"; }
elif [ -e ${path} ]; then echo is=other
else echo is=absent
fi
`,
    here: () => lookHere(localPath),
    read: ({ stdout, here }) => ({ there: fields(stdout), here: readHere(here) }),
    plan: (observed) => planFetch(path, localPath, observed),
  })
}

function planFetch(path: string, localPath: string, { there, here }: Observed): Plan {
  if (there.get('is') === 'absent') return unknown(`${path} is not there`)
  if (there.get('is') !== 'file') throw new Conflict(`${path} is no file, and is not fetched`)
  const size = Number(there.get('size'))
  if (size > fetchLimit) {
    throw new Conflict(`${path} has ${byteCount(size)}: at most ${byteCount(fetchLimit)} are fetched`, {
      hint: `fetch it with: scp HOST:${path} .`,
    })
  }
  if (here.type === 'other') {
    throw new Conflict(`${localPath} is there on this machine, and no file`, {
      hint: 'look at what it is, and remove it or choose another path',
    })
  }
  const mode = Number.parseInt(there.get('mode') ?? '', 8) & 0o004 ? 0o644 : 0o600
  const open = here.type === 'file' && (here.mode & 0o077) !== 0 && mode === 0o600
  const same = here.type === 'file' && here.sha256 === there.get('sha256')
  if (same && !open) return unchanged
  const what = [
    ...(here.type === 'absent' ? ['fetch'] : same ? [] : ['fetch anew: content differs']),
    ...(open ? [`mode ${here.mode.toString(8).padStart(4, '0')} → 0600`] : []),
  ]
  return {
    kind: 'change',
    summary: `${what.join(', ')} (${byteCount(size)})`,
    apply: sh`set -e
sum=$(sha256sum <${path})
echo "sha256=\${sum%% *}"
printf content=
head -c ${fetchLimit} <${path} | base64 -w 0
echo
`,
    receive: async (stdout) => {
      const sent = fields(stdout)
      const content = Buffer.from(sent.get('content') ?? '', 'base64')
      if (createHash('sha256').update(content).digest('hex') !== sent.get('sha256')) {
        throw new QuaysideError(`${path} was written to while it was fetched`, { hint: 'run it again' })
      }
      await writeHere(localPath, content, mode)
    },
  }
}

function readHere(here: string | undefined): LocalFile {
  if (here === undefined) throw new TypeError('what is on this machine was not looked at')
  return JSON.parse(here)
}
