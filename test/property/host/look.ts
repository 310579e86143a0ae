import type { Connection } from '../../../lib/connection/connection.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import type { Facts } from '../facts.ts'
import { factsOf } from '../tree.ts'

/** What a script printed; throws what it said where it fails. */
export async function demand(connection: Connection, script: Script): Promise<string> {
  const { code, stdout, stderr } = await connection.run(sh`set -e
${script}
`)
  if (code !== 0) throw new Error(`${String(script).slice(0, 2000)}\nended with ${code}: ${stderr}`)
  return stdout
}

const kinds: Readonly<Record<string, string>> = { f: 'file', d: 'directory', l: 'link' }

/** All that stands at and below paths of a host, by absolute path less `strip`, as find and base64 of the host see it. */
export async function treeFacts(
  connection: Connection,
  paths: readonly string[],
  strip = '',
): Promise<Facts> {
  const stdout = await demand(
    connection,
    sh`export LC_ALL=C
{ find ${paths} -printf '%p\\0%y\\0%m\\0%U\\0%G\\0%i\\0%T@\\0%l\\0' 2>/dev/null || :; } | base64 -w 0
echo
{ find ${paths} -type f -exec sh -c 'for p; do printf "%s\\0" "$p"; base64 -w 0 <"$p"; printf "\\0"; done' sh {} + 2>/dev/null || :; } | base64 -w 0`,
  )
  const [entries = '', contents = ''] = stdout.split('\n')
  const words = (text: string) => Buffer.from(text, 'base64').toString('latin1').split('\0').slice(0, -1)
  const content = new Map<string, string>()
  const read = words(contents)
  for (let at = 0; at + 1 < read.length; at += 2)
    content.set(read[at] ?? '', Buffer.from(read[at + 1] ?? '', 'base64').toString('latin1'))
  const found: [string, string][] = []
  const seen = words(entries)
  for (let at = 0; at + 7 < seen.length; at += 8) {
    const [path = '', letter = '', mode = '', uid = '', gid = '', inode = '', modified = '', target = ''] =
      seen.slice(at, at + 8)
    const name = Buffer.from(path, 'latin1').toString('utf8')
    const short = name === strip ? '' : name.startsWith(`${strip}/`) ? name.slice(strip.length + 1) : name
    const kind = kinds[letter] ?? 'other'
    found.push(
      ...factsOf(strip === '' ? name : short, {
        kind,
        mode: mode.padStart(4, '0'),
        uid,
        gid,
        inode,
        modified,
        content: kind === 'file' ? (content.get(path) ?? '') : undefined,
        target: kind === 'link' ? target : undefined,
      }),
    )
  }
  return new Map(found)
}

/** What a script prints as lines "key TAB value". */
export async function tableFacts(connection: Connection, script: Script): Promise<Facts> {
  const lines = (await demand(connection, script)).split('\n').filter(Boolean)
  return new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf('\t')
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
    }),
  )
}

/** Several looks as one. */
export async function together(...looks: readonly Promise<Facts>[]): Promise<Facts> {
  return new Map((await Promise.all(looks)).flatMap((facts) => [...facts]))
}
