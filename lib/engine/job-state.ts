import type { Probed } from '../resource/resource.ts'
import { type Script, sh } from '../script/index.ts'

/** What has become of a detached change. */
export interface JobState {
  /** `gone`: it has no end and no process: the host went down, or somebody killed it */
  readonly state: 'none' | 'running' | 'ended' | 'gone'
  /** of the shell that runs it, while it does */
  readonly pid: number
  /** once it has ended */
  readonly result: Probed
}

/** Looks at the job that is kept in the folder `path`. */
export function lookAtJob(path: string): Script {
  return sh`
[ -d ${path} ] || { echo none; exit 0; }
tell_end() {
  [ -f ${`${path}/code`} ] || return 0
  echo "ended $(cat ${`${path}/code`})"
  for each in out err; do head -c 262144 ${path}/$each | base64 -w0; echo; done
  exit 0
}
tell_end
if read -r pid since <${`${path}/pid`} 2>/dev/null &&
  [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)" = "$since" ]; then
  echo "running $pid"
  exit 0
fi
# It may have ended between the two looks: a job writes its end before its process is gone.
tell_end
echo gone
`
}

export function parseJob(stdout: string): JobState {
  const [head = '', out = '', err = ''] = stdout.split('\n')
  const [state = 'none', number = '1'] = head.split(' ')
  const text = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')
  return {
    state: state as JobState['state'],
    pid: Number(number),
    result: { stdout: text(out), stderr: text(err), code: Number(number) },
  }
}
