import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A command line of this machine. */
export interface Command {
  readonly argv: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
}

export interface Measured {
  readonly seconds: number
  /** of the processes that it started and waited for; a ControlMaster that stays behind is not among them */
  readonly cpuSeconds: number
  readonly stdout: string
}

/** Runs a command to its end; throws with the end of what it said when it fails. */
export async function timed(command: Command): Promise<Measured> {
  const started = performance.now()
  const { stdout, stderr } = await finish(command, ['/usr/bin/env', 'bash', '-c', stopwatch, 'bash'])
  const seconds = (performance.now() - started) / 1000
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)\n$/.exec(stderr) ?? []
  return { seconds, cpuSeconds: Number(user) + Number(system), stdout }
}

/** The shell's own accounting of its children, which is where wait4 adds them up. */
const stopwatch = `TIMEFORMAT='cpu %3U %3S'; { time "$@" 2>&3; } 3>&2`

/**
 * The most memory that a command and its children held at once, in MiB: what is theirs alone, and their share of
 * what they share (Pss), looked at ten times a second. Looking costs processor time, so this is a run of its own.
 */
export async function peakMemory(
  command: Command,
): Promise<{ readonly mib: number; readonly stdout: string }> {
  let peak = 0
  let child = 0
  const timer = setInterval(() => {
    if (child > 0) peak = Math.max(peak, memoryOf(child))
  }, 100)
  try {
    const { stdout } = await finish(command, [], (pid) => {
      child = pid
    })
    return { mib: peak, stdout }
  } finally {
    clearInterval(timer)
  }
}

function memoryOf(root: number): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const mine = (pid: number): boolean => pid === root || (pid > 1 && mine(parents.get(pid) ?? 0))
  const kilobytes = [...parents.keys()]
    .filter(mine)
    .map((pid) => Number(/^Pss: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0))
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function finish(
  { argv, env, input = '' }: Command,
  before: readonly string[],
  started: (pid: number) => void = () => {},
): Promise<{ stdout: string; stderr: string }> {
  const [file = '', ...args] = [...before, ...argv]
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  if (child.pid !== undefined) started(child.pid)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // A ControlMaster that it leaves behind holds the pipes: its end is the end.
    child.on('exit', (code) => {
      if (code === 0) setImmediate(() => resolve({ stdout, stderr }))
      else reject(new Error(`${argv.join(' ')} ended with ${code}\n${(stdout + stderr).slice(-2000)}`))
    })
  })
}
