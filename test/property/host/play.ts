import fc from 'fast-check'
import type { Event } from '../../../lib/engine/event.ts'
import {
  authorizedKey,
  cron,
  directory,
  dockerNetwork,
  dockerVolume,
  file,
  group,
  lineInFile,
  mount,
  type Resource,
  service,
  sysctl,
  user,
} from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { labTarget } from '../../lab/lab-host.ts'
import { fleetOf, roleOf } from '../../unit/engine/fleets.ts'
import { difference, type Facts } from '../facts.ts'
import { demand, tableFacts } from './look.ts'
import type { HostSite } from './site.ts'

const unit = 'quayside-play.service'
const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'P'.repeat(43)} play@quayside.test`
const secret = 'hush-Zq9x'

/** What a play of many kinds leaves on its host. */
export const sweepPlay = (folder: string) => sh`systemctl disable -q --now ${unit} 2>/dev/null || :
rm -f ${`/etc/systemd/system/${unit}`} /etc/cron.d/quayside-play /etc/sysctl.d/60-quayside-net.core.rmem_default.conf
systemctl daemon-reload
umount ${`${folder}/mnt`} 2>/dev/null || :
sed -i ${`\\#^tmpfs ${folder}/mnt #d`} /etc/fstab
docker network rm qsp-play >/dev/null 2>&1 || :
docker volume rm qsp-play >/dev/null 2>&1 || :
userdel -f qsp-play 2>/dev/null || :
groupdel qsp-play-group 2>/dev/null || :
rm -rf /var/lib/quayside/debts/one* /var/lib/quayside/debts/two*
`

const wishes = fc.record({
  shell: fc.constantFrom('/bin/sh', '/bin/bash'),
  token: fc.constantFrom('one', 'two'),
  backlog: fc.constantFrom(212_992, 262_144),
  size: fc.constantFrom('1m', '2m'),
  internal: fc.boolean(),
  schedule: fc.constantFrom('@daily', '5 4 * * *'),
  mode: fc.constantFrom(0o640, 0o600),
})

/** A play of every kind at once, over what an earlier run of some of it, of other wishes, and people have left. */
export const hostPlayCases = fc.record({
  before: wishes,
  begun: fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
  drift: fc.subarray(['stopped', 'edited', 'unmounted', 'member', 'network', 'live', 'folder']),
  wish: wishes,
  split: fc.nat({ max: 13 }),
})

function resources(
  folder: string,
  wish: typeof wishes extends fc.Arbitrary<infer T> ? T : never,
): Resource[] {
  return [
    group('qsp-play-group', { gid: 4731 }),
    user('qsp-play', { groups: ['qsp-play-group'], shell: wish.shell, home: `${folder}/home`, uid: 4730 }),
    authorizedKey('qsp-play', key),
    directory(`${folder}/data`, { owner: 'qsp-play', group: 'qsp-play-group', mode: 0o2750 }),
    file(`${folder}/data/secret`, {
      content: new Secret(`${secret} ${wish.token}`),
      owner: 'qsp-play',
      mode: wish.mode,
      notify: 'take over',
    }),
    file(`/etc/systemd/system/${unit}`, {
      content: '[Service]\nExecStart=/bin/sleep 9998\n[Install]\nWantedBy=multi-user.target\n',
    }),
    service(unit),
    cron('quayside-play', { schedule: wish.schedule, user: 'qsp-play', command: 'date +%F' }),
    sysctl('net.core.rmem_default', wish.backlog),
    mount(`${folder}/mnt`, { device: 'tmpfs', type: 'tmpfs', options: `size=${wish.size},nodev` }),
    lineInFile(`${folder}/lines`, { line: `size = ${wish.size}`, match: '^size =', create: true }),
    dockerNetwork('qsp-play', { internal: wish.internal }),
    dockerVolume('qsp-play'),
  ]
}

const drifts = (folder: string) => ({
  stopped: sh`systemctl stop ${unit} 2>/dev/null || :`,
  edited: sh`[ ! -e ${`${folder}/lines`} ] || echo more >>${`${folder}/lines`}`,
  unmounted: sh`umount ${`${folder}/mnt`} 2>/dev/null || :`,
  member: sh`gpasswd -d qsp-play qsp-play-group >/dev/null 2>&1 || :`,
  network: sh`docker network rm qsp-play >/dev/null 2>&1 || :`,
  live: sh`echo 212993 >/proc/sys/net/core/rmem_default`,
  folder: sh`[ ! -d ${`${folder}/data`} ] || chmod 0777 ${`${folder}/data`}`,
})

/** All that moves when anything is written, made, mounted, started or stopped. */
function lookAround(site: HostSite): Promise<Facts> {
  return tableFacts(
    site.connection,
    sh`find /etc ${site.folder} /var/lib/quayside -printf '%p\\t%y %i %m %U %G %T@ %l\\n' 2>/dev/null
findmnt -nr -o TARGET,SOURCE,OPTIONS | sed 's/^/mounted /; s/ /\\t/2'
systemctl show -p ActiveState,UnitFileState,MainPID,NeedDaemonReload ${unit} | sed 's/=/\\t/'
printf 'live\\t%s\\n' "$(cat /proc/sys/net/core/rmem_default)"
docker network ls --no-trunc --format 'network {{.Name}}\t{{.ID}}'; docker volume ls --format 'volume {{.Name}}'`,
  )
}

export async function hostPlayObeys(
  site: HostSite,
  each: typeof hostPlayCases extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const { folder } = site
  await site.arrange(sh`${sweepPlay(folder)}
rm -rf --one-file-system ${folder}; mkdir -p ${folder}`)
  const earlier = resources(folder, each.before).filter((_, index) => each.begun[index])
  // What an earlier run could not do without the rest of it, it did not do.
  await play(folder, [earlier], false, true)
  for (const what of each.drift) await site.arrange(drifts(folder)[what as keyof ReturnType<typeof drifts>])

  const wished = resources(folder, each.wish)
  const roles = [wished.slice(0, each.split), wished.slice(each.split)]
  const before = await lookAround(site)
  const checked = await play(folder, roles, true)
  const touched = difference(before, await lookAround(site))
  if (touched !== '') throw new Error(`the check run changed ${touched}`)
  const applied = await play(folder, roles, false)
  for (const [index, promise] of checked.entries()) {
    const done = applied[index]
    if (promise.outcome === 'unknown') continue
    const wanted = { ...promise, outcome: promise.outcome === 'pending' ? 'changed' : promise.outcome }
    if (JSON.stringify(done) !== JSON.stringify(wanted))
      throw new Error(`promised ${JSON.stringify(wanted)}, was ${JSON.stringify(done)}`)
  }
  const after = await lookAround(site)
  const third = await play(folder, roles, false)
  const moved = third.filter(({ outcome }) => outcome !== 'unchanged')
  if (moved.length > 0) throw new Error(`the third run did ${JSON.stringify(moved)}`)
  const unsettled = difference(after, await lookAround(site))
  if (unsettled !== '') throw new Error(`a run with nothing to do changed ${unsettled}`)
  const handled = await demand(site.connection, sh`cat ${`${folder}/handled`} 2>/dev/null || :`)
  if (handled !== `${secret} ${each.wish.token}`) throw new Error(`its handler was not run: ${handled}`)
}

interface Said {
  readonly id: string
  readonly outcome: string
  readonly summary: string | undefined
  readonly diff: string | undefined
}

async function play(
  folder: string,
  roles: readonly (readonly Resource[])[],
  check: boolean,
  mayFail = false,
): Promise<readonly Said[]> {
  const { fleet, events, failures } = fleetOf(['app-2'], { check, target: labTarget })
  const plays = roles.map((list, index) => ({
    ...roleOf(index === 0 ? 'one' : 'two', () => list),
    handlers: () => ({ 'take over': sh`cp ${`${folder}/data/secret`} ${`${folder}/handled`}` }),
  }))
  await fleet.converge([{ hosts: 'all', roles: plays }])
  await fleet.close()
  if (mayFail) return []
  if (failures().length > 0) throw new Error(`check ${check}: ${failures().join(', ')}`)
  const odd = events.find((event) => event.type === 'mispredicted')
  if (odd !== undefined) throw new Error(JSON.stringify(odd))
  if (JSON.stringify(events).includes(secret)) throw new Error('an event shows a secret')
  return events.flatMap((event: Event) =>
    event.type === 'resource'
      ? [{ id: event.id, outcome: event.outcome, summary: event.summary, diff: event.diff }]
      : [],
  )
}
