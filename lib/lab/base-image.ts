import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installed, path, pipe, run } from '../command.ts'
import { QuaysideError } from '../error.ts'
import { aptInstall } from './apt.ts'
import { machineAptOptions, machineMirror, type Suite, sourcesList } from './debian.ts'
import { docker, imageExists } from './docker.ts'
import { fingerprint } from './fingerprint.ts'
import { state } from './state.ts'

type Log = (line: string) => void

/**
 * Where base images come from: Debian's packages by debootstrap, or, with QUAYSIDE_LAB_IMAGES=upstream,
 * the debian image of whatever registry this machine's engine uses (then neither root nor apt is needed).
 */
const upstream = process.env.QUAYSIDE_LAB_IMAGES === 'upstream'

/** The name of the image that holds a minimal Debian of this suite, made from this machine's mirror. */
export async function baseImage(suite: Suite): Promise<string> {
  const [mirror, options] = await Promise.all([machineMirror(), machineAptOptions()])
  const source = upstream ? 'upstream' : 'debootstrap'
  return `quayside-lab-debian:${suite}-${fingerprint(source, JSON.stringify(mirror), options)}`
}

/** Makes sure that this image exists in this machine's engine; returns its name. */
export async function ensureBaseImage(suite: Suite, log: Log): Promise<string> {
  const reference = await baseImage(suite)
  if (await imageExists(reference)) return reference
  if (upstream) {
    log(`pulling debian:${suite}`)
    await docker(['pull', '--quiet', `debian:${suite}`])
    await docker(['tag', `debian:${suite}`, reference])
    return reference
  }
  await ensureDebootstrap(log)
  const [mirror, options] = await Promise.all([machineMirror(), machineAptOptions()])
  log(`building a minimal Debian ${suite} from packages (debootstrap, under a minute)`)
  const root = join(state.bootstrap, `${suite}-${process.pid}`)
  await mkdir(state.bootstrap, { recursive: true })
  try {
    await debootstrap(suite, root, mirror.main)
    await configureApt(suite, root, mirror.security, options)
    await pipe(
      [
        'tar',
        '-C',
        root,
        '--exclude=./var/cache/apt/archives/*.deb',
        '--exclude=./var/lib/apt/lists/*_*',
        '-c',
        '.',
      ],
      ['docker', 'import', '--change', 'CMD ["bash"]', '-', reference],
    )
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  return reference
}

async function ensureDebootstrap(log: Log): Promise<void> {
  if ((await installed('debootstrap')) && process.getuid?.() === 0) return
  if (process.getuid?.() !== 0) {
    throw new QuaysideError('building the lab’s images from Debian packages needs root', {
      hint: 'run as root, or set QUAYSIDE_LAB_IMAGES=upstream where docker can pull debian images',
    })
  }
  log('installing debootstrap')
  await aptInstall('debootstrap', 'debian-archive-keyring')
}

async function debootstrap(suite: Suite, root: string, mirror: string | undefined): Promise<void> {
  const options = ['--variant=minbase', '--include=ca-certificates']
  try {
    await run(['debootstrap', ...options, suite, root, ...(mirror ? [mirror] : [])], { env: path })
  } catch (error) {
    const details = await readFile(join(root, 'debootstrap', 'debootstrap.log'), 'utf8').catch(() => '')
    throw new QuaysideError(
      `debootstrap of ${suite} failed\n${details.trim().split('\n').slice(-8).join('\n')}`,
      {
        hint: 'check that this machine reaches its Debian mirror: apt-get update',
        cause: error,
      },
    )
  }
}

/** Gives the system this machine's mirror and apt options; debootstrap wrote which mirror it used. */
async function configureApt(suite: Suite, root: string, security: string | undefined, options: string) {
  const sources = join(root, 'etc/apt/sources.list')
  const used = /^deb\s+(\S+)/m.exec(await readFile(sources, 'utf8'))?.[1]
  if (!used) throw new QuaysideError(`debootstrap of ${suite} left no sources.list`)
  await writeFile(sources, sourcesList(suite, used, security))
  await writeFile(join(root, 'etc/apt/apt.conf.d/90lab'), `${options}Acquire::Languages "none";\n`)
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/lab'), 'force-unsafe-io\n')
}
