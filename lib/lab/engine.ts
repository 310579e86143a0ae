import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { installed, path, run } from '../command.ts'
import { QuaysideError } from '../error.ts'
import { aptInstall } from './apt.ts'
import { docker, dockerLines } from './docker.ts'
import { state } from './state.ts'

type Log = (line: string) => void

/** How this lab started the engine, so that it stops what it started and nothing else. */
type Started = { readonly by: 'systemd' } | { readonly by: 'us'; readonly pid: number }

/** Makes sure that a Docker Engine answers: installs and starts one where it has to. */
export async function ensureEngine(log: Log): Promise<void> {
  if (await engineAnswers()) return
  if (!(await installed('docker')) || !(await installed('dockerd'))) {
    log('installing the docker engine from this machine’s packages')
    await aptInstall('docker.io', 'docker-cli')
    if (await engineAnswers()) return note({ by: 'systemd' })
  }
  if (process.getuid?.() !== 0) {
    throw new QuaysideError('no docker engine answers, and only root can start one', {
      hint: 'start Docker (Docker Desktop, or: sudo systemctl start docker), or check DOCKER_HOST and your groups',
    })
  }
  log('starting the docker engine')
  await note(await start())
  await answering()
}

/** Stops the engine if, and only if, this lab started it and nobody else's containers run on it. */
export async function stopEngine(log: Log): Promise<void> {
  const started = await readStarted()
  if (!started) return
  const others = (await engineAnswers()) ? await dockerLines(['ps', '--format', '{{.Names}}']) : []
  if (others.length > 0) return log(`leaving the docker engine up: it runs ${others.join(', ')}`)
  if (started.by === 'systemd') {
    log('stopping the docker engine')
    await run(['systemctl', 'stop', 'docker.socket', 'docker.service'])
  } else if (await isRunning(started.pid, 'dockerd')) {
    log('stopping the docker engine')
    process.kill(started.pid, 'SIGTERM')
    for (let tries = 0; tries < 300 && (await isRunning(started.pid, 'dockerd')); tries += 1) await sleep(100)
  }
  await rm(state.engine, { force: true })
}

export async function engineAnswers(): Promise<boolean> {
  return docker(['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  )
}

async function start(): Promise<Started> {
  if (existsSync('/run/systemd/system')) {
    await run(['systemctl', 'start', 'docker'])
    return { by: 'systemd' }
  }
  // Where /run outlives a reboot, a pid left there may be another program's, and dockerd would refuse to start.
  await dropStalePid('/var/run/docker.pid', 'dockerd')
  await dropStalePid('/var/run/docker/containerd/containerd.pid', 'containerd')
  const output = await open(state.engineLog, 'a')
  const daemon = spawn('dockerd', ['-H', 'unix:///var/run/docker.sock'], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { ...process.env, ...path },
  })
  const pid = await new Promise<number>((resolve, reject) => {
    daemon.once('error', reject)
    daemon.once('spawn', () => resolve(daemon.pid ?? 0))
  })
  daemon.unref()
  await output.close()
  return { by: 'us', pid }
}

async function answering(): Promise<void> {
  const started = await readStarted()
  for (let tries = 0; tries < 200; tries += 1) {
    if (await engineAnswers()) return
    if (started?.by === 'us' && !(await isRunning(started.pid, 'dockerd'))) break
    await sleep(150)
  }
  throw new QuaysideError('the docker engine does not start', {
    hint: `its log says why: ${state.engineLog}`,
  })
}

async function note(started: Started): Promise<void> {
  await writeFile(state.engine, `${JSON.stringify(started)}\n`)
}

async function readStarted(): Promise<Started | undefined> {
  const text = await readFile(state.engine, 'utf8').catch(() => '{}')
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('by' in value)) return undefined
  if (value.by === 'systemd') return { by: 'systemd' }
  if (value.by === 'us' && 'pid' in value && typeof value.pid === 'number')
    return { by: 'us', pid: value.pid }
  return undefined
}

async function dropStalePid(path: string, program: string): Promise<void> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  if (!(await isRunning(pid, program))) await rm(path, { force: true })
}

/** Whether this pid is this program, neither another one that got its pid nor a zombie. */
async function isRunning(pid: number, program: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return text.includes(`(${program})`) && !/\) [ZX] /.test(text)
}
