import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import { messageOf, QuaysideError } from '../error.ts'
import { generated } from '../secret/generate.ts'
import { docker } from './docker.ts'
import { fingerprint, fingerprintDirectory } from './fingerprint.ts'
import { recipes } from './recipes.ts'
import { stateDirectory } from './state.ts'
import { containerOf, publishedPort, storeMachine } from './topology.ts'

/** S3 as this machine reaches it; the lab's machines say http://store.lab:9000. */
export const storeUrl = `http://127.0.0.1:${publishedPort(storeMachine, 9000)}`

/** What the lab's inventory names: backup_store and backup_copy_store. */
export const buckets = ['quayside', 'quayside-copy'] as const

const container = containerOf(storeMachine.name)
const recipe = join(recipes, 'store')

/** Makes the machine an S3 server with the buckets, for whoever holds the generated keys; its systemd must be up. */
export async function ensureObjectStore(log: (line: string) => void): Promise<void> {
  const wanted = await fingerprintDirectory(recipe)
  if ((await provisioned()) !== wanted) {
    log('installing the object store (Ceph, 85 MB of packages)')
    await docker(['cp', `${recipe}/rootfs/.`, `${container}:/`])
    const input = await readFile(join(recipe, 'provision.sh'), 'utf8')
    await run(inStore('sh', '-s', '--', wanted), { input })
  }
  await admit(await storeKeys())
}

/** Stands for all that the store is made from: its recipe and its keys. */
export async function objectStoreStamp(): Promise<string> {
  const { access, secret } = await storeKeys()
  return fingerprint(await fingerprintDirectory(recipe), access, secret)
}

/** The store's access key and its secret key: the inventory's, by the same names in the same folder. */
export async function storeKeys(): Promise<{ readonly access: string; readonly secret: string }> {
  const folder = join(stateDirectory, 'secrets')
  return {
    access: await generated('backup_access_key', folder),
    secret: await generated('backup_secret_key', folder),
  }
}

/** Lets in whoever has these keys, and nobody else; returns when the store has answered them. */
async function admit(keys: { readonly access: string; readonly secret: string }): Promise<void> {
  const input = `${keys.access}\n${keys.secret}\n`
  await run(inStore('store-admit', ...buckets), { input, timeout: 180_000 }).catch((cause: unknown) => {
    throw new QuaysideError(`the lab's object store does not answer: ${messageOf(cause)}`, {
      hint: `look at: docker exec ${container} systemctl status 'store-*'`,
      cause,
    })
  })
}

/** What stands for the recipe that the machine was made by. */
async function provisioned(): Promise<string | undefined> {
  const said = await run(inStore('cat', '/var/lib/store-provisioned')).catch(() => undefined)
  return said?.trim()
}

/** Runs a command inside the store's machine; standard input is passed on. */
function inStore(...command: readonly string[]): readonly string[] {
  return ['docker', 'exec', '--interactive', container, ...command]
}
