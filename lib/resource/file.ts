import { feed, type Script, sh } from '../script/index.ts'
import { isSecret } from '../secret/index.ts'
import { type Account, absolutePath, account, octal } from './argument.ts'
import { oweNow, replaceAtomically } from './candidate.ts'
import { type FileContent, printable, sha256 } from './content.ts'
import { addedText, unifiedDiff } from './diff.ts'
import { lacksAccounts, lacksFolder, readLacks } from './lacks.ts'
import { fields } from './observed.ts'
import {
  type Change,
  type Common,
  Conflict,
  type Plan,
  type Resource,
  resource,
  unchanged,
} from './resource.ts'
import {
  type Access,
  accessChanges,
  accessScript,
  readStanding,
  type Standing,
  standingScript,
} from './standing.ts'

export interface FileOptions extends Common {
  /** 0o644 unless told, 0o600 for a secret */
  readonly mode?: number | undefined
  /** root unless told */
  readonly owner?: Account | undefined
  /** root unless told */
  readonly group?: Account | undefined
  /** a check of the new file before it takes its place: no command of it may fail, and one behind `!` never does */
  readonly validate?: ((candidatePath: string) => Script) | undefined
}

interface Observed extends Standing {
  readonly sha256: string
  /** undefined where it was not asked for, or is too big */
  readonly content: Uint8Array | undefined
  readonly lacking: { readonly lacks?: string }
}

/** A regular file with just this content, mode and owner. A link in its place is replaced, a directory is a Conflict. */
export function file(path: string, options: FileOptions & { readonly content: FileContent }): Resource {
  const { content, validate, notify } = options
  absolutePath(path)
  const access: Access = {
    mode: options.mode ?? (isSecret(content) ? 0o600 : 0o644),
    owner: account(options.owner ?? 'root', 'owner'),
    group: account(options.group ?? 'root', 'group'),
  }
  octal(access.mode)
  const write = replaceAtomically(
    path,
    (candidate) => sh`set -C
base64 -d >${candidate}${feed(content)}set +C
${accessScript(candidate, access)}
${
  validate === undefined
    ? sh``
    : sh`{
${validate(candidate)}
} >&2`
}
sync -- ${candidate}`,
    validate === undefined ? sh`` : oweNow,
  )
  return resource({
    id: `file ${path}`,
    probe: fileProbe(path, content, access),
    read: ({ stdout }) => readFile(stdout),
    plan: (observed) => {
      const plan = planFile(path, content, access, write, observed)
      const checked = validate !== undefined && plan.kind === 'change' && plan.apply === write
      return checked ? { ...plan, owesItself: true } : plan
    },
    notify,
  })
}

/** No file or link at this path. A directory there is a Conflict. */
export function absentFile(path: string, options: Common = {}): Resource {
  absolutePath(path)
  return resource({
    id: `file ${path}`,
    probe: standingScript(path),
    read: ({ stdout }) => readStanding(fields(stdout).get('standing')),
    plan: ({ type }) => {
      if (type === 'absent') return unchanged
      if (type === 'directory') throw inTheWay(path)
      return {
        kind: 'change',
        summary: `remove the ${type}`,
        apply: sh`rm -f -- ${path}
`,
      }
    },
    notify: options.notify,
  })
}

/** The old content travels only where a diff can show it: it differs, is not secret, and is smaller than 128 KB. */
function fileProbe(path: string, content: FileContent, access: Access): Script {
  const show = sh`if [ "$sum" != ${sha256(content)} ] && [ "$(wc -c <${path})" -lt 131072 ]; then
    echo "content=$(base64 -w 0 <${path})"
  fi`
  return sh`${standingScript(path)}
${lacksAccounts(access)}${lacksFolder(path)}
if [ -f ${path} ] && [ ! -L ${path} ]; then
  sum=$(sha256sum <${path}) && sum=\${sum%% *}
  echo "sha256=$sum"
  ${printable(content) === undefined ? sh`` : show}
fi
`
}

function planFile(path: string, content: FileContent, access: Access, write: Script, is: Observed): Plan {
  if (is.type === 'directory') throw inTheWay(path)
  const change = (summary: string, diff: string, apply: Script): Change => ({
    kind: 'change',
    summary,
    ...(diff === '' ? {} : { diff }),
    apply,
    ...is.lacking,
  })
  const text = printable(content)
  const whole = text === undefined ? '' : addedText(text)
  const mode = octal(access.mode)
  if (is.type === 'absent') return change(`create (mode ${mode}${kindOf(content)})`, whole, write)
  if (is.type !== 'file') return change(`replace the ${is.type} by a file (mode ${mode})`, whole, write)
  const accessDiffers = accessChanges(is, access)
  if (is.sha256 === sha256(content)) {
    if (accessDiffers.length === 0) return unchanged
    return change(
      accessDiffers.join(', '),
      '',
      sh`set -e
${accessScript(path, access)}
`,
    )
  }
  const what = contentChange(text, is.content, isSecret(content))
  return change([what.summary, ...accessDiffers].join(', '), what.diff, write)
}

function contentChange(text: string | undefined, before: Uint8Array | undefined, secret: boolean) {
  if (secret) return { summary: 'content changed (secret)', diff: '' }
  if (text === undefined) return { summary: 'binary content changed', diff: '' }
  if (before === undefined) return { summary: 'content changed (too big for a diff)', diff: '' }
  const old = printable(before)
  if (old === undefined) return { summary: 'binary content changed', diff: '' }
  return { summary: 'content changed', diff: unifiedDiff(old, text) }
}

function kindOf(content: FileContent): string {
  if (isSecret(content)) return ', secret'
  return printable(content) === undefined ? ', binary' : ''
}

function readFile(stdout: string): Observed {
  const found = fields(stdout)
  const content = found.get('content')
  return {
    ...readStanding(found.get('standing')),
    sha256: found.get('sha256') ?? '',
    content: content === undefined ? undefined : Buffer.from(content, 'base64'),
    lacking: readLacks(found),
  }
}

function inTheWay(path: string): Conflict {
  return new Conflict(`a directory stands at ${path}, where a file should be`, {
    hint: 'look at what it holds, and remove it or choose another path',
  })
}
