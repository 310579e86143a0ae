import fc from 'fast-check'
import { command, directory, file, lineInFile, link, type Resource } from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { Secret } from '../../lib/secret/index.ts'
import { directoryMode, edit, fileMode, oddBytes, oddLine, oddName } from './odd.ts'
import type { Grove, Owner, Plant } from './tree.ts'

/** One resource of a play in a folder of its own, over what stands there before. */
const part = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    name: oddName,
    before: fc.option(fc.record({ content: oddBytes, mode: fileMode })),
    edit,
    secret: fc.boolean(),
    mode: fileMode,
  }),
  fc.record({
    kind: fc.constant('directory' as const),
    name: oddName,
    before: fc.option(fc.record({ mode: directoryMode })),
    mode: directoryMode,
    /** a file in it, which the directory has to be made for first */
    inside: fc.option(oddName),
  }),
  fc.record({
    kind: fc.constant('link' as const),
    name: oddName,
    before: fc.option(fc.constantFrom('old', 'a\n', 'x\\ty')),
    target: oddLine.filter((target) => target !== ''),
  }),
  fc.record({
    kind: fc.constant('line' as const),
    name: oddName,
    /** no file: it is made by the play, so that the line is unknown until then */
    before: fc.option(oddBytes),
    line: oddLine.filter((line) => !line.includes('\r')),
  }),
  fc.record({ kind: fc.constant('command' as const), name: oddName, before: fc.boolean() }),
)

export type Part = typeof part extends fc.Arbitrary<infer T> ? T : never

/** A play of a few resources, split into two roles. */
export const playCases = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 5 }),
  split: fc.nat({ max: 5 }),
})

/** Makes the states before the play real, each in its own folder, and gives the play's resources. */
export async function setTheStage(
  grove: Grove,
  parts: readonly Part[],
  me: Owner,
  secret: string,
): Promise<readonly (readonly Resource[])[]> {
  await grove.plant(
    parts.flatMap((each, index) => [{ at: `${index}`, kind: 'directory' }, ...plants(each, index)]),
  )
  return parts.map((each, index) => wishes(each, `${grove.folder}/${index}/${each.name}`, me, secret))
}

function plants(each: Part, index: number): Plant[] {
  const at = `${index}/${each.name}`
  if (each.kind === 'command') return each.before ? [{ at, kind: 'file', content: '' }] : []
  if (each.before === null) return []
  if (each.kind === 'directory') return [{ at, kind: 'directory', ...each.before }]
  if (each.kind === 'link') return [{ at, kind: 'link', target: each.before }]
  if (each.kind === 'line') return [{ at, kind: 'file', content: each.before }]
  return [{ at, kind: 'file', ...each.before }]
}

function wishes(each: Part, path: string, { uid: owner, gid: group }: Owner, secret: string): Resource[] {
  switch (each.kind) {
    case 'file': {
      const content = Buffer.from(each.edit(each.before?.content ?? ''), 'latin1')
      const wish = each.secret ? new Secret(`${secret}${content.toString('utf8')}`) : content
      return [file(path, { content: wish, mode: each.mode, owner, group })]
    }
    case 'directory':
      return [
        directory(path, { mode: each.mode, owner, group }),
        ...(each.inside === null ? [] : [file(`${path}/${each.inside}`, { content: 'in\n', owner, group })]),
      ]
    case 'link':
      return [link(path, each.target)]
    case 'line':
      return [
        ...(each.before === null ? [file(path, { content: `first\n${each.line}\n`, owner, group })] : []),
        // The file above has the line, or the two would undo each other; before it is made the line is unknown.
        lineInFile(path, { line: each.line }),
      ]
    case 'command':
      return [command(`make ${path.replaceAll('\r', '')}`, { run: sh`: >${path}`, creates: path })]
  }
}
