import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exit, QuaysideError, UsageError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { didYouMean } from '../lib/nearest.ts'
import { type Args, playbook, type Run } from '../lib/playbook/index.ts'
import { installedLines, installedScript, readInstalled } from '../roles/schedule/installed.ts'
import { schedule, scheduleAbsent, scheduleOf } from '../roles/schedule/role.ts'
import { everyPlay } from '../roles/stack.ts'

const actions = ['install', 'list', 'remove'] as const

await playbook(import.meta, {
  about:
    'Put backups, copies, drills and prunes into systemd timers or cron on a control host, or take them away',
  example: 'npx zx playbooks/schedule.ts install --env production',
  arguments: actions.join('|'),
  plays: [{ hosts: 'all', roles: [schedule] }],
  besides: everyPlay,
  whole: 'it plays on schedule_host alone',
  validate: (args) => void actionOf(args),
  run: (run) => act(run, actionOf(run.args)),
})

function actionOf({ positionals }: Args): (typeof actions)[number] {
  const [word, extra] = positionals
  const action = actions.find((each) => each === word)
  if (word === undefined) throw new UsageError('do what?', actions.join(', '))
  if (action === undefined)
    throw new UsageError(`schedule.ts does no "${word}"`, didYouMean(word, actions) ?? actions.join(', '))
  if (extra !== undefined) throw new UsageError(`schedule.ts ${action} takes no "${extra}"`)
  return action
}

async function act(run: Run, action: (typeof actions)[number]): Promise<void> {
  const host = controlHost(run)
  switch (action) {
    case 'install':
      return run.play({ hosts: host.name, roles: [scheduleOf(run.env, inventoryOf(run))] })
    case 'remove':
      return run.play({ hosts: host.name, roles: [scheduleAbsent(run.env)] })
    case 'list':
      return list(run, host)
  }
}

/** What the jobs are to be told of an inventory that was named: by its path in the project, which stands elsewhere there. */
function inventoryOf({ args, inventory }: Run): string | undefined {
  if (!args.has('inventory')) return undefined
  const inProject = relative(fileURLToPath(new URL('..', import.meta.url)), inventory.dir)
  return inProject.startsWith('..') || isAbsolute(inProject) ? inventory.dir : inProject
}

async function list(run: Run, host: Host): Promise<void> {
  const results = await run.fleet.run([host], 'list its jobs', () => installedScript(run.env))
  const jobs = readInstalled(results.get(host.name)?.stdout ?? '', run.env)
  run.emit({ type: 'result', of: 'schedule', data: { host: host.name, jobs } })
  if (!run.args.has('json')) for (const line of ['', ...installedLines(jobs)]) run.print(line)
}

/** The one host that says of itself that it runs the jobs. */
function controlHost({ inventory }: Run): Host {
  const named = [...new Set(inventory.hosts.map(({ vars }) => vars.schedule_host))].filter(
    (name) => name !== undefined,
  )
  const usage = (message: string, hint: string) => new QuaysideError(message, { exitCode: exit.usage, hint })
  const [name] = named
  if (name === undefined)
    throw usage(
      'schedule_host is not set: which host runs the jobs?',
      'set it in group_vars/all.yaml to the name of a host; one with connection: local is this machine',
    )
  if (named.length > 1)
    throw usage(
      `schedule_host is ${named.join(' and ')}: one host runs the jobs`,
      'set it in group_vars/all.yaml',
    )
  const host = inventory.hosts.find((each) => each.name === name)
  if (host === undefined)
    throw usage(`schedule_host: no host is called ${String(name)}`, 'it takes a name of hosts.yaml')
  return host
}
