import { UsageError } from '../lib/error.ts'
import { playbook } from '../lib/playbook/index.ts'
import { swarmSiteOf } from '../lib/swarm/converge.ts'
import { others, stack } from '../roles/stack.ts'
import { deploy } from './blue-green/deploy.ts'
import { deployToSwarm } from './on-swarm/deploy.ts'

await playbook(import.meta, {
  about:
    'Deploy a release, blue-green or to a swarm: no request is lost, and any failure leaves the old one serving',
  example: 'npx zx playbooks/deploy.ts --env staging --release v1.4.2',
  flags: {
    release: {
      about: "the images' tag; in the lab, what docker/ holds unless told",
      value: 'TAG',
      short: 'r',
    },
    unproven: { about: 'although its migrations contract, and no restore was verified lately' },
  },
  plays: stack,
  reads: others,
  whole: 'a deploy is on every host or on none',
  validate: (args) => demandTag(args.text('release')),
  run: async (run) => {
    const site = swarmSiteOf(run.inventory)
    await (site === undefined ? deploy(run) : deployToSwarm(run, site))
  },
})

function demandTag(tag: string | undefined): void {
  if (tag !== undefined && !/^[\w][\w.-]{0,127}$/.test(tag))
    throw new UsageError(
      `"${tag}" cannot be the tag of an image`,
      'letters, digits, ".", "_" and "-", at most 128',
    )
}
