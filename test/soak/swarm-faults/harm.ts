import { setTimeout as sleep } from 'node:timers/promises'
import { docker } from '../../../lib/lab/docker.ts'
import { containerOf } from '../../../lib/lab/topology.ts'
import { onNode } from '../../swarm/on-node.ts'
import { asked, shell } from './moment.ts'

/** When a node went: milliseconds of 1970, just before and just after. */
export interface Moment {
  readonly from: number
  readonly to: number
}

export async function kill(node: string): Promise<Moment> {
  const from = Date.now()
  await docker(['kill', containerOf(node)])
  return { from, to: Date.now() }
}

/** Starts it again, and waits until it lets people in and the swarm has it back. */
export async function start(node: string): Promise<void> {
  await docker(['start', containerOf(node)])
  await isBack(node)
}

async function isBack(node: string): Promise<void> {
  const until = performance.now() + 120_000
  const works = () =>
    shell(node, 'systemctl is-active ssh docker')
      .then(() => shell(asked, `docker node inspect --format '{{.Status.State}}' ${node}`))
      .catch(() => 'down')
  while ((await works()) !== 'ready') {
    if (performance.now() > until) throw new Error(`${node} does not come back`)
    await sleep(1000)
  }
}

const others = ['10.213.77.41', '10.213.77.42', '10.213.77.43']

/** No packet between a worker and the managers; its tasks run on, and this machine still reaches it. */
export function cutOff(node: string): Moment {
  const from = Date.now()
  onNode(
    node,
    others
      .map((each) => `iptables -I INPUT -s ${each} -j DROP; iptables -I OUTPUT -d ${each} -j DROP`)
      .join('; '),
  )
  return { from, to: Date.now() }
}

export async function heal(node: string): Promise<void> {
  onNode(
    node,
    others
      .map((each) => `iptables -D INPUT -s ${each} -j DROP; iptables -D OUTPUT -d ${each} -j DROP`)
      .join('; '),
  )
  await isBack(node)
}

/** Where Docker puts what it pulls, before it unpacks it: a megabyte of room, of which nothing is left. */
const staging = '/var/lib/docker/tmp'

export function fillDisk(node: string): void {
  onNode(
    node,
    `mount -t tmpfs -o size=1m full ${staging} && ! dd if=/dev/zero of=${staging}/full 2>/dev/null`,
  )
}

export function makeRoom(node: string): void {
  onNode(node, `umount ${staging}`)
}
