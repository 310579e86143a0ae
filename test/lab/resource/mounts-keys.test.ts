import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import {
  absentAuthorizedKey,
  absentMount,
  absentSwap,
  authorizedKey,
  authorizedKeys,
  Conflict,
  mount,
  swap,
} from '../../../lib/resource/index.ts'
import { raw, type Script, sh } from '../../../lib/script/index.ts'
import { converge, look } from '../converge.ts'
import { labTarget } from '../lab-host.ts'
import { type Life, live as liveOn, run as runOn } from '../resource-life.ts'

const here = '/srv/quayside-host'
let host: Connection

const run = (script: Script) => runOn(host, script)
const live = (life: Life) => liveOn(host, life)

const sweep =
  raw(`[ ! -f /run/quayside-fstab ] || cp -p /run/quayside-fstab /etc/fstab; rm -f /run/quayside-fstab
umount ${here}/tmpfs; umount ${here}/bind; userdel -r quayside-keys; rm -rf ${here}
:`)

beforeAll(async () => {
  host = await openConnection(labTarget('edge-2'))
  await host.run(sweep)
  await run(sh`cp -p /etc/fstab /run/quayside-fstab; mkdir -p ${here}; useradd -m quayside-keys`)
})

afterAll(async () => {
  await host.run(sweep)
  await host.close()
})

describe('authorized keys', () => {
  const [one, two] = [key('A', 'one@quayside.test'), key('B', 'two@quayside.test')]
  const [folder, path] = ['/home/quayside-keys/.ssh', '/home/quayside-keys/.ssh/authorized_keys']

  test('are given, mended, restricted and taken away, and the files are their user’s', async () => {
    await live({
      wish: authorizedKey('quayside-keys', one),
      drift: sh`chmod 777 ${folder} ${path}; chown root ${path}; echo '# a note' >>${path}; sed -i '/one@/d' ${path}`,
      other: authorizedKey('quayside-keys', one, { options: 'from="10.0.0.0/8,127.0.0.1",no-pty' }),
    })
    expect(await run(sh`stat -c '%U %G %a' ${folder} ${path}; cat ${path}`)).toBe(
      `quayside-keys quayside-keys 700\nquayside-keys quayside-keys 600\n# a note\nfrom="10.0.0.0/8,127.0.0.1",no-pty ${one}\n`,
    )
    await converge(host, authorizedKey('quayside-keys', two))
    await live({
      wish: authorizedKeys('quayside-keys', [two], { exclusive: true }),
      drift: sh`echo ${one} >>${path}`,
    })
    expect(await run(sh`cat ${path}; ls -A ${folder}`)).toBe(`# a note\n${two}\nauthorized_keys\n`)
    await live({ wish: authorizedKey('quayside-keys', one), gone: absentAuthorizedKey('quayside-keys', one) })
    expect((await look(host, authorizedKey('quayside-nobody', one))).kind).toBe('unknown')
    expect((await look(host, absentAuthorizedKey('quayside-nobody', one))).kind).toBe('unchanged')
  })

  test('a link that the user put in the way is not followed', async () => {
    const plan = await look(host, authorizedKey('quayside-keys', one))
    await run(sh`rm -rf ${folder}; mkdir ${here}/elsewhere; ln -s ${here}/elsewhere ${folder}`)
    await expect(look(host, authorizedKey('quayside-keys', one))).rejects.toThrow(Conflict)
    if (plan.kind !== 'change') throw new Error('no change')
    // One that appears between the look and the change, too.
    expect((await host.run(plan.apply)).stderr).toContain('leads elsewhere')
    expect(await run(sh`ls -A ${here}/elsewhere; rm ${folder}`)).toBe('')
  })
})

describe('mounts', () => {
  const path = `${here}/tmpfs`

  test('a tmpfs is mounted, remounted after a drift, changed and unmounted; other lines stay', async () => {
    await run(sh`printf '# theirs\\n/dev/nowhere\\t/nowhere ext4  noauto 0 2' >>/etc/fstab`)
    const before = await run(sh`cat /etc/fstab`)
    const wish = mount(path, { device: 'tmpfs', type: 'tmpfs', options: 'size=1m,nodev,nosuid' })
    await live({ wish, drift: sh`umount ${path}` })
    await live({
      wish: mount(path, { device: 'tmpfs', type: 'tmpfs', options: 'size=1m,nodev,nosuid,noexec' }),
      drift: sh`mount -o remount,exec,size=2m ${path}`,
    })
    expect(await run(sh`findmnt -no OPTIONS ${path}; cat /etc/fstab`)).toMatch(
      /noexec.*size=1024k[\s\S]*\/nowhere ext4 {2}noauto 0 2\ntmpfs \/srv\/quayside-host\/tmpfs tmpfs size=1m,nodev,nosuid,noexec 0 0\n$/,
    )
    await run(sh`cd ${path} && { sleep 60 >/dev/null 2>&1 & echo $! >${here}/pid; }`)
    await expect(converge(host, absentMount(path))).rejects.toThrow(
      /is busy, and stays mounted[\s\S]* sleep 60/,
    )
    await run(sh`kill "$(cat ${here}/pid)"; sleep 0.2`)
    await converge(host, absentMount(path))
    expect(await run(sh`cat /etc/fstab`)).toBe(`${before}\n`)
  })

  test('a directory is bound to another place, read-only', async () => {
    await run(sh`mkdir ${here}/from ${here}/other; touch ${here}/from/file`)
    const bind = (device: string, options: string) => mount(`${here}/bind`, { device, type: 'none', options })
    await live({
      wish: bind(`${here}/from`, 'bind'),
      drift: sh`umount ${here}/bind`,
      other: bind(`${here}/other`, 'bind'),
    })
    await live({ wish: bind(`${here}/from`, 'bind,ro'), gone: absentMount(`${here}/bind`) }).catch(
      (error: unknown) => {
        throw new Error(`bind,ro: ${String(error)}`)
      },
    )
    // Swap is the machine's, not the host's: no more than its line is tried here.
    const line = swap(`${here}/swapfile`, { priority: 5, state: 'fstab' })
    await live({
      wish: line,
      drift: sh`sed -i s/pri=5/pri=6/ /etc/fstab`,
      gone: absentSwap(`${here}/swapfile`),
    })
  })
})

/** A public key of the right shape, which no one has the private half of. */
function key(letter: string, comment: string): string {
  return `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)} ${comment}`
}
