import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { killTree } from '../connection/kill.ts'
import type { Probed } from '../resource/resource.ts'
import { raw, type Script, sh } from '../script/index.ts'
import { type JobState, lookAtJob, parseJob } from './job-state.ts'
import type { Session } from './session.ts'

/** Where detached changes keep what they print and how they ended, a folder each. */
const folder = '/var/lib/quayside/jobs'

/**
 * Runs a change detached from the connection and asks after it. A job of this resource that an earlier run left
 * behind is waited for in its place: its end is what is given back, and the caller looks at what it did. Throws when
 * the connection is lost and cannot be opened again; the job goes on.
 */
export async function runJob(
  session: Session,
  id: string,
  change: Script,
  options: { pollSeconds: number; timeoutSeconds: number; signal: AbortSignal },
): Promise<Probed & { readonly adopted: boolean }> {
  const path = `${folder}/${createHash('sha256').update(id).digest('hex').slice(0, 16)}`
  const adopted = (await poll(session, path)).state !== 'none'
  // Whoever began it: what was seen before its end is stale.
  session.forget()
  if (!adopted) {
    const begun = await session.connection.run(begin(path, change))
    if (begun.code !== 0) return { ...begun, adopted }
  }
  const until = performance.now() + options.timeoutSeconds * 1000
  for (;;) {
    const { state, pid, result } = await poll(session, path)
    if (state === 'ended') {
      await session.ask(sh`rm -rf ${path}`)
      return { ...result, adopted }
    }
    if (state !== 'running') {
      await session.ask(sh`rm -rf ${path}`)
      return {
        stdout: '',
        stderr: 'it ended without telling how: the host went down, or it was killed',
        code: 1,
        adopted,
      }
    }
    if (performance.now() > until) {
      await session.ask(raw(killTree(pid)))
      await session.ask(sh`rm -rf ${path}`)
      return {
        stdout: '',
        stderr: `no end after ${options.timeoutSeconds} s: it was told to stop`,
        code: 124,
        adopted,
      }
    }
    // What is detached goes on without us: an interrupted run need not wait for it.
    await sleep(options.pollSeconds * 1000, undefined, { signal: options.signal })
  }
}

/** The script is fed to the job's own shell, and is never in a file or an argument. */
function begin(path: string, change: Script): Script {
  const mark = `quayside-job-${randomBytes(8).toString('hex')}`
  return sh`
umask 077
mkdir -p ${folder} && rm -rf ${path} && mkdir ${path} || exit 1
setsid sh -c 'sh /dev/fd/3 >"$1/out" 2>"$1/err" </dev/null; echo $? >"$1/code.new"; mv "$1/code.new" "$1/code"' job ${path} >/dev/null 2>&1 </dev/null 3<<'${raw(mark)}' &
exec 3<&-
set -e
${change}
${raw(mark)}
echo "$! $(sed 's/.*) //' /proc/$!/stat 2>/dev/null | cut -d' ' -f20)" >${`${path}/pid`}
`
}

async function poll(session: Session, path: string): Promise<JobState> {
  const { stdout } = await session.ask(lookAtJob(path))
  return parseJob(stdout)
}
