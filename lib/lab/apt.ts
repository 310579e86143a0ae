import { installed, run } from '../command.ts'
import { QuaysideError } from '../error.ts'

const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } }

/** Installs Debian packages on this machine, the ones that its release knows; needs root and apt. */
export async function aptInstall(...packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0 || !(await installed('apt-get'))) {
    throw new QuaysideError(`this machine lacks ${packages.join(', ')}`, {
      hint: `install ${packages.join(' and ')} (or Docker Desktop), or run as root on Debian or Ubuntu, where the lab installs it`,
    })
  }
  await run(['apt-get', 'update', '-q'], quiet)
  const known = (
    await Promise.all(packages.map(async (name) => ((await isKnown(name)) ? [name] : [])))
  ).flat()
  await run(['apt-get', 'install', '-yq', '--no-install-recommends', ...known], quiet)
}

async function isKnown(name: string): Promise<boolean> {
  return /Candidate: [^(]/.test(await run(['apt-cache', 'policy', name], { env: { LC_ALL: 'C' } }))
}
