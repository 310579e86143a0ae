import { randomBytes } from 'node:crypto'
import { messageOf, QuaysideError } from '../error.ts'
import { recipientOf } from '../secret/age/crypt.ts'
import { howToSet } from '../secret/age/key.ts'
import { hostSkew, isOff, type Skew, skewOf } from './clock.ts'
import { backupKeys, backupRecipients } from './keys.ts'
import { layout } from './layout.ts'
import { type Manifest, objectsOf } from './manifest.ts'
import { listBackups, readManifest } from './manifest-file.ts'
import { type Place, signingKey } from './place.ts'
import { openSealed } from './sealed.ts'
import type { StoreFinding } from './store/store.ts'
import { hostsOf } from './take.ts'
import { toolsOf } from './tools.ts'

/** One thing that a backup or a restore needs, and whether it is so. */
export interface Finding extends StoreFinding {
  /** "store", "key", "app-1" */
  readonly on: string
}

/** a signed request of S3 is refused from 15 minutes on; ages and times of backups are wrong long before */
const mostSkewMs = 60_000
/** a daily backup, and an hour for it to be taken in */
const mostAgeMs = 25 * 3600_000

/** Looks at all that backups and restores need, as it is today: what a bad day would find out else. Changes nothing. */
export async function examine(place: Place): Promise<readonly Finding[]> {
  const store = await asFindings('store', () => place.store.examine())
  const reached = store.every((each) => each.ok)
  return [
    ...store,
    ...(await asFindings('signing key', async () => [signingOf(place)])),
    ...(await asFindings('recipients', () => recipients(place))),
    ...(reached ? await asFindings('newest backup', () => newest(place)) : []),
    ...(reached ? await asFindings('store', () => storeClock(place)) : []),
    ...(
      await Promise.all(hostsOf(place).map((host) => asFindings(host.name, () => onHost(place, host))))
    ).flat(),
  ]
}

async function asFindings(on: string, look: () => Promise<readonly StoreFinding[]>): Promise<Finding[]> {
  try {
    return (await look()).map((each) => ({ on, ...each }))
  } catch (error) {
    if (!(error instanceof QuaysideError)) throw error
    return [
      { on, ok: false, text: messageOf(error), ...(error.hint === undefined ? {} : { hint: error.hint }) },
    ]
  }
}

function signingOf({ plan }: Place): StoreFinding {
  signingKey(plan)
  return { ok: true, text: 'manifests and evidence are signed' }
}

async function recipients({ plan, dir }: Place): Promise<readonly StoreFinding[]> {
  const all = await backupRecipients(plan, dir)
  const keys = await backupKeys(plan.env)
  const named = {
    ok: true,
    text: `${all.length} age public ${all.length === 1 ? 'key' : 'keys'} will open the next backup`,
  }
  if (keys === undefined)
    return [
      named,
      {
        ok: false,
        text: 'there is no private key here: nothing could be restored from this machine',
        hint: howToSet(),
      },
    ]
  const mine = await Promise.all(keys.identities.map(recipientOf))
  const ok = mine.some((each) => all.includes(each))
  return [
    named,
    ok
      ? { ok, text: `the key from ${keys.origin} is one of them` }
      : {
          ok,
          text: `the key from ${keys.origin} is none of them`,
          hint: 'add its public key to backup_recipients or recipients.txt, or set the right key',
        },
  ]
}

/** Opens the newest backup as a restore would: its signature, and the first bytes of its smallest object. */
async function newest({ store, plan, signal }: Place): Promise<readonly StoreFinding[]> {
  const found = (await listBackups(store, plan.env)).find((each) => each.complete)
  if (found === undefined)
    return [
      {
        ok: false,
        text: `there is no backup of ${plan.env} yet`,
        hint: `npx zx playbooks/backup.ts --env ${plan.env}`,
      },
    ]
  const { id } = found
  const manifest = await readManifest(store, plan.env, id, plan.settings.backup_signing_key)
  const hours = ((Date.now() - found.at.getTime()) / 3600_000).toFixed(1)
  const late = Date.now() - found.at.getTime() > mostAgeMs
  return [
    late
      ? {
          ok: false,
          text: `${id} is the newest, and ${hours} hours old`,
          hint: 'does its schedule still run? npx zx playbooks/schedule.ts list',
        }
      : { ok: true, text: `${id} is the newest, ${hours} hours old, and its signature holds` },
    await opens({ store, plan, signal }, manifest),
  ]
}

async function opens(
  { store, plan, signal }: Pick<Place, 'store' | 'plan' | 'signal'>,
  manifest: Manifest,
): Promise<StoreFinding> {
  const keys = await backupKeys(plan.env)
  if (keys === undefined) return { ok: false, text: 'nothing here opens it', hint: howToSet() }
  const [smallest] = [...objectsOf(manifest)].sort((a, b) => a.size - b.size)
  if (smallest === undefined) return { ok: false, text: 'it holds nothing' }
  const stream = await openSealed(store, layout.backup(plan.env, manifest.id), smallest, keys, signal)
  try {
    for await (const _ of stream) break
  } finally {
    stream.destroy()
  }
  return { ok: true, text: `the key from ${keys.origin} opens it` }
}

/** What a store says of when an object was written, in whole seconds. With an object lock a trial would stay for long: none then. */
async function storeClock({ store, plan }: Place): Promise<readonly StoreFinding[]> {
  if (plan.settings.backup_store?.s3?.lock_days !== undefined) return []
  const key = `${plan.env}/doctor/${randomBytes(6).toString('hex')}`
  const asked = Date.now()
  await store.put(key, Buffer.from('what time is it?\n'))
  const answered = Date.now()
  try {
    const there = await store.stat(key)
    return there === undefined ? [] : [clockFinding(skewOf(there.modified.getTime(), asked, answered, 1000))]
  } finally {
    await store.remove([key])
  }
}

async function onHost(place: Place, host: Place['plan']['db']): Promise<readonly StoreFinding[]> {
  const skew = await hostSkew(await place.connection(host))
  const tools = await toolsOf(place, host)
  const missing = [...tools].filter(([, version]) => version === undefined).map(([tool]) => tool)
  return [
    missing.length === 0
      ? { ok: true, text: [...tools].map(([tool, version]) => `${tool} ${version}`).join(', ') }
      : {
          ok: false,
          text: `${missing.join(', ')} cannot be had`,
          hint: `npx zx playbooks/backup.ts --env ${place.plan.env} installs zstd and age; pg_dump is in the container postgres`,
        },
    clockFinding(skew),
  ]
}

function clockFinding(skew: Skew): StoreFinding {
  if (!isOff(skew, mostSkewMs)) return { ok: true, text: "its clock goes with this machine's" }
  const seconds = Math.round(Math.abs(skew.ms) / 1000)
  return {
    ok: false,
    text: `its clock is ${seconds} s ${skew.ms > 0 ? 'ahead of' : 'behind'} this machine's`,
    hint: 'one of them is wrong: timedatectl on both',
  }
}
