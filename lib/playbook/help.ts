import { exit } from '../error.ts'
import type { Flags } from './flags.ts'

/** What --help prints of a playbook. */
export function help(playbook: {
  name: string
  about: string
  arguments?: string | undefined
  flags: Flags
  shared: Flags
  example: string
}): string {
  const { name, about, flags, shared, example } = playbook
  const usage = `npx zx playbooks/${name}.ts${playbook.arguments === undefined ? '' : ` ${playbook.arguments}`} [flags]`
  return [
    about,
    '',
    `usage: ${usage}`,
    ...(Object.keys(flags).length === 0 ? [] : ['', ...table(flags)]),
    '',
    'common flags:',
    ...table(shared),
    '',
    'example:',
    `  ${example}`,
    '',
    `exit codes: ${exit.done} done, ${exit.failed} something failed, ${exit.usage} wrong usage or inventory (nothing touched),`,
    `            ${exit.pending} changes pending (--check --exit-code), ${exit.unreachable} a host could not be reached`,
  ].join('\n')
}

function table(flags: Flags): string[] {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `
    return [`${short}--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, flag.about] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, about]) => `  ${left.padEnd(width)}  ${about}`)
}
