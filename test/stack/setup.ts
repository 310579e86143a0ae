import { standIns } from '../../lib/playbook/stack/stand-ins.ts'

/** The engine, Compose and the images that stacks are made of, once: what is timed and tried begins with them there. */
export default async function setup(): Promise<void> {
  await standIns((line) => console.log(`stack: ${line}`))
}
