import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths, volume } from '../../roles/postgres-pgvector/paths.ts'
import { bareInventory } from './fixtures/inventory.ts'
import { onHost } from './lab-host.ts'
import { type Outcome, playbook } from './playbook.ts'

/** One of the lab's hosts that has no database, and loop devices for disks. */
const host = 'app-2'
const images = '/var/tmp/quayside-disks'

/** Takes away the database, as if the host had never had it; what its disk holds stays there. */
const gone = `docker rm -f postgres >/dev/null 2>&1; docker volume rm -f ${volume} >/dev/null
umount ${paths.disk} 2>/dev/null; sed -i '\\,${paths.disk},d' /etc/fstab`

const sweep = `${gone}
for image in ${images}/*; do
  [ ! -f "$image" ] || losetup -j "$image" | cut -d : -f 1 | xargs -r losetup -d
done
rm -rf ${images} ${paths.disk} ${paths.folder}`

export interface DiskHost {
  /** blank: "/dev/loop0" */
  readonly disks: readonly [string, string]
  /** Runs shell text as root; gives what it printed. */
  run(text: string): Promise<string>
  psql(sql: string): Promise<string>
  /** Converges the role, with its data on this disk. */
  site(device?: string): Promise<Outcome>
  /** The host is another one now, with the same disks. */
  isAnother(): Promise<unknown>
  sweep(): Promise<void>
}

/** A host with two blank disks, for the database of the role postgres-pgvector. */
export async function diskHost(image = 'registry.lab:5000/standin/postgres:15'): Promise<DiskHost> {
  const folder = bareInventory()
  mkdirSync(join(folder, 'group_vars'))
  writeFileSync(
    join(folder, 'group_vars/all.yaml'),
    [
      `postgres_image: ${image}`,
      'postgres_superuser_password: { generate: postgres_superuser_password }',
      'postgres_password: { generate: postgres_password }',
      'postgres_memory_mb: 256',
      '',
    ].join('\n'),
  )
  const run = (text: string) => onHost(host, text)
  await run(sweep)
  const made = await run(`mkdir -p ${images}; [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
for name in one two; do
  truncate -s 512M ${images}/$name
  device=$(losetup -f); device=\${device%% *}
  [ -b "$device" ] || mknod "$device" b 7 "\${device#/dev/loop}"
  losetup "$device" ${images}/$name
  echo "$device"
done`)
  const [one = '', two = ''] = made.trim().split('\n')
  return {
    disks: [one, two],
    run,
    psql: async (sql) => (await run(`docker exec postgres psql -U postgres -d app -Atqc "${sql}"`)).trim(),
    site: (device) => {
      const more = device === undefined ? [] : ['--extra-vars', `postgres_data_device=${device}`]
      return playbook('test/lab/fixtures/database.ts', ['--env', 'lab', '--inventory', folder, ...more])
    },
    isAnother: () => run(gone),
    sweep: async () => {
      await run(sweep)
      rmSync(folder, { recursive: true })
    },
  }
}
