import { amount } from '../../backup/amount.ts'
import { lastDrill } from '../../backup/evidence.ts'
import { type DatabasePart, dumpsOf, type Manifest } from '../../backup/manifest.ts'
import { chooseBackup, readManifest } from '../../backup/manifest-file.ts'
import type { Place } from '../../backup/place.ts'
import type { Run } from '../playbook.ts'
import { age, columns } from './table.ts'

/** `backup.ts show [ID]`: all that a manifest says, tables with their rows. */
export async function show(run: Run, { store, plan }: Place, wanted: string | undefined): Promise<void> {
  const id = await chooseBackup(store, plan.env, wanted)
  const key = plan.settings.backup_signing_key
  const manifest = await readManifest(store, plan.env, id, key)
  run.emit({ type: 'result', of: 'backup-manifest', data: { ...manifest } })
  if (run.args.has('json')) return
  const drill = await lastDrill(store, plan.env, id, key)
  const proof =
    drill === undefined ? 'none yet' : `${drill.ok ? 'passed' : 'FAILED'}, ${age(drill.finishedAt)} ago`
  const signature = key === undefined ? 'holds, by a key that is not checked' : 'holds'
  for (const line of inLines(manifest)) run.print(line)
  run.print(`signature   ${signature}`)
  run.print(`last drill  ${proof}`)
}

function inLines(manifest: Manifest): readonly string[] {
  const { postgres, redis, volumes, release, tools } = manifest
  return [
    `\nbackup      ${manifest.id} of ${manifest.env}`,
    `taken       ${manifest.takenAt} to ${manifest.finishedAt}, by ${manifest.by}`,
    `tools       ${Object.entries(tools)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `opened by   ${manifest.recipients.join(', ')}`,
    ...(release === undefined ? [] : [`release     ${release.id}`]),
    ...Object.entries(release?.images ?? {}).map(([app, image]) => `            ${app}: ${image}`),
    ...(postgres === undefined
      ? []
      : [`postgres    ${postgres.version} on ${postgres.host}, as of ${postgres.snapshotAt}`]),
    ...(redis === undefined ? [] : [`redis       ${redis.version} on ${redis.host}, ${redis.keys} keys`]),
    ...objects(manifest),
    ...(postgres?.databases ?? []).flatMap(tablesOf),
    ...(volumes.length === 0 ? [] : ['']),
    ...columns(volumes.map(({ host, kind, name, object }) => [`${kind} ${name}`, host, amount(object.size)])),
    '',
  ]
}

function objects({ postgres, redis, volumes }: Manifest): readonly string[] {
  const all = [
    ...(postgres === undefined ? [] : [postgres.globals, ...postgres.databases.flatMap(dumpsOf)]),
    ...(redis === undefined ? [] : [redis.object]),
    ...volumes.map((each) => each.object),
  ]
  const rows = all.map(({ key, size, sha256, ms }) => [
    key,
    amount(size),
    `${(ms / 1000).toFixed(1)} s`,
    `SHA-256 ${sha256.slice(0, 16)}…`,
  ])
  return ['', ...columns([['object', 'size', 'took', ''], ...rows])]
}

function tablesOf(database: DatabasePart): readonly string[] {
  const { name, owner, encoding, collate, bytes, extensions, tables, sequences, largeObjects, migration } =
    database
  const rows = tables.map((each) => [
    `${each.schema}.${each.name}`,
    each.kind,
    String(each.rows),
    each.hash.slice(0, 16),
  ])
  const installed = extensions.map((each) => `${each.name} ${each.version}`).join(', ')
  const blobs =
    largeObjects.count === 0 ? '' : `, ${largeObjects.count} large objects of ${amount(largeObjects.bytes)}`
  return [
    '',
    `database ${name}: ${amount(bytes)}, owned by ${owner}, ${encoding}, ${collate}`,
    `  extensions ${installed || 'none'}; ${sequences.length} sequences${blobs}${migration === undefined ? '' : `; migration level ${migration}`}`,
    ...columns([['table', 'kind', 'rows', 'hash'], ...rows]).map((line) => `  ${line}`),
  ]
}
