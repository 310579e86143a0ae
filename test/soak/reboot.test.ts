import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openConnection } from '../../lib/connection/open.ts'
import { docker } from '../../lib/lab/docker.ts'
import { containerOf } from '../../lib/lab/topology.ts'
import { command, file, firewall, packages, reboot } from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { labTarget, onHost } from '../lab/lab-host.ts'
import { fleetOf, roleOf } from '../unit/engine/fleets.ts'

const name = 'app-2'
const mark = '/run/quayside-before'

const gone = `systemctl -q disable --now quayside-firewall
rm -f /etc/quayside/firewall.nft /etc/systemd/system/quayside-firewall.service; systemctl daemon-reload`

/** The hardware: a host of the lab that has gone down is switched on again, until told to stop. */
async function powered(signal: AbortSignal): Promise<number> {
  for (let starts = 0; ; ) {
    if (signal.aborted) return starts
    const state = await docker(['container', 'inspect', '--format', '{{.State.Status}}', containerOf(name)])
    if (state.trim() === 'exited') {
      await docker(['start', containerOf(name)])
      starts += 1
    }
    await sleep(500)
  }
}

test('a host that needs a reboot gets one, is waited for, and goes on from there', async () => {
  await onHost(name, `touch /run/reboot-required ${mark}; echo libc6 >/run/reboot-required.pkgs`)
  const off = new AbortController()
  const power = powered(off.signal)
  const { fleet, events, outcomes, failures } = fleetOf([name], {
    connect: () => openConnection(labTarget(name)),
  })
  const after = '/run/quayside-after'
  const roles = [
    roleOf('kernel', () => [
      packages(['nftables']),
      firewall({ allow: [{ tcp: [22] }] }),
      reboot({ timeoutSeconds: 120 }),
      // What follows is done on the new boot: /run is empty by then.
      command('look', {
        run: sh`[ ! -e ${mark} ]; nft list table inet quayside >${after}.rules; echo up >${after}`,
        creates: after,
      }),
      file(`${after}.too`, { content: 'x' }),
    ]),
  ]
  try {
    await fleet.converge([{ hosts: 'all', roles }])
  } finally {
    off.abort()
    await fleet.close()
    await onHost(name, `${gone}; apt-get purge -qq -y nftables >/dev/null </dev/null`)
  }
  expect(failures()).toEqual([])
  expect(await power).toBe(1)
  expect(outcomes()).toEqual([
    `${name} packages nftables changed`,
    `${name} firewall changed`,
    `${name} reboot changed`,
    `${name} command look changed`,
    `${name} file ${after}.too changed`,
  ])
  expect(events.find((event) => event.type === 'resource' && event.id === 'reboot')).toMatchObject({
    summary: 'reboot (for libc6)',
  })
  expect(
    await onHost(
      name,
      `cat ${after}; grep dport.22 ${after}.rules; ls ${mark} /run/reboot-required 2>/dev/null; rm ${after}*`,
    ),
  ).toBe('up\n\t\ttcp dport 22 accept\n')
})
