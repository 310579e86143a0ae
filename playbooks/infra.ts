import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exit, UsageError } from '../lib/error.ts'
import { program } from '../lib/playbook/index.ts'

await program(import.meta, {
  about: 'Make an environment of the inventory from the hosts that Terraform made',
  arguments: 'inventory',
  example: 'npx zx playbooks/infra.ts inventory --env staging',
  flags: {
    env: {
      about: 'the environment: a folder of terraform/environments and of inventory/',
      value: 'NAME',
      short: 'e',
    },
    terraform: { about: 'the program that is asked (default terraform)', value: 'PROGRAM' },
    from: { about: 'another folder than terraform/environments/NAME', value: 'DIR' },
    inventory: { about: 'another folder than inventory/NAME', value: 'DIR', short: 'i' },
    check: { about: 'show what would change, and change nothing; exit 3 where something would', short: 'C' },
    force: { about: 'replace a hosts.yaml that a person wrote' },
  },
  async run({ args, print }) {
    const [word, extra] = args.positionals
    if (word !== 'inventory' || extra !== undefined)
      throw new UsageError(`what is "${extra ?? word ?? ''}"?`, 'infra.ts knows one word: inventory')
    const env = args.text('env')
    if (env === undefined) throw new UsageError('which environment?', '--env NAME')
    const root = fileURLToPath(new URL('..', import.meta.url))
    const [{ madeIn }, { writeHosts }] = await Promise.all([
      import('../lib/infra/outputs.ts'),
      import('../lib/infra/write.ts'),
    ])
    const made = await madeIn(
      args.text('from') ?? join(root, 'terraform/environments', env),
      args.text('terraform') ?? 'terraform',
    )
    const check = args.has('check')
    const folder = args.text('inventory') ?? join(root, 'inventory', env)
    const changes = await writeHosts(made, { folder, check, force: args.has('force') })
    for (const line of changes) print(line)
    const count = Object.keys(made.hosts).length
    print(
      changes.length === 0 ? `${count} hosts, as they were` : `${count} hosts${check ? ', not written' : ''}`,
    )
    return check && changes.length > 0 ? exit.pending : exit.done
  },
})
