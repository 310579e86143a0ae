import type { PlaybookOptions } from '../../lab/playbook.ts'
import { cutOff, fillDisk, heal, kill, type Moment, makeRoom, start } from './harm.ts'
import { isHalfUpdated, isStartingOn, makeLeader, until } from './moment.ts'

/** One thing that goes wrong while a release is deployed to a swarm. */
export interface Fault {
  readonly what: string
  /** what its release is called */
  readonly tag: string
  /** more Dockerfile lines for the release's api */
  readonly api?: string
  /** the registry's folder in which the release was never pushed */
  readonly nowhere?: string
  /** nodes that take no new task meanwhile, so that those come to where the harm is done */
  readonly paused?: readonly string[]
  /** done before the rollout */
  readonly before?: () => unknown
  /** waits for its moment in the rollout, and does its harm then; gives when a node went */
  readonly during?: (ended: AbortSignal) => Promise<Moment>
  /** undone after it */
  readonly after?: () => unknown
  /** the node that dies: clients ask the edges of the others */
  readonly dies?: string
  /** a container dies while it serves, with what it has in its hands */
  readonly crashes?: true
  /** the run itself is ended by this */
  readonly options?: PlaybookOptions
  readonly code: number
  /** how the run tells it */
  readonly says: RegExp
  /** which release every living edge serves once the run has ended, or for a run that was ended, once the swarm is done */
  readonly serves: 'the old one' | 'the new one'
}

const signal = (name: NodeJS.Signals, after: string): PlaybookOptions => ({ signal: { name, after } })
const asRoot = (command: string) => `USER 0\nRUN ${command}\nUSER 10001:10001\n`
/** New tasks come to swarm-3 and swarm-4, one of two to each. */
const paused = ['swarm-1', 'swarm-2']
const moment = async (
  what: string,
  isSo: () => Promise<boolean>,
  ended: AbortSignal,
  harm: () => Promise<Moment>,
) => {
  await until(what, isSo, ended)
  return harm()
}

export const faults: readonly Fault[] = [
  {
    what: 'a bad image: its program is not there',
    tag: 'bad-image',
    api: 'CMD ["/srv/no-such-program"]\n',
    code: 1,
    says: /api: rolled back: [\s\S]*api\.\d on swarm-\d: [\s\S]*no-such-program/,
    serves: 'the old one',
  },
  {
    what: 'a crash some seconds after a good start',
    tag: 'crash',
    api: `CMD ["sh", "-c", "(sleep 8; echo the harbour is closed >&2; kill -9 $$) & exec python -m app"]\n`,
    crashes: true,
    code: 1,
    says: /api: rolled back: [\s\S]*api\.\d on swarm-\d: [\s\S]*the harbour is closed/,
    serves: 'the old one',
  },
  {
    what: 'a health check that never succeeds',
    tag: 'unhealthy',
    api: 'CMD ["sleep", "1000"]\n',
    code: 1,
    says: /api: rolled back: [\s\S]*api\.\d on swarm-\d: .*unhealthy/,
    serves: 'the old one',
  },
  {
    what: 'a tag that was never pushed',
    tag: 'never-pushed',
    nowhere: 'registry.lab:5000/elsewhere',
    code: 1,
    says: /registry\.lab:5000\/elsewhere\/(api|web):never-pushed-\d+/,
    serves: 'the old one',
  },
  {
    what: 'the migration fails',
    tag: 'bad-migration',
    api: asRoot('echo "select nothing_of_the_kind;" > /srv/migrations/9999_bad.sql'),
    code: 1,
    says: /migrate: stuck: it ended with a failure[\s\S]*nothing_of_the_kind/,
    serves: 'the old one',
  },
  {
    what: 'a worker dies as a new task starts on it',
    tag: 'dead-worker',
    paused,
    during: (ended) =>
      moment(
        'a task that starts on swarm-4',
        () => isStartingOn('swarm-4'),
        ended,
        () => kill('swarm-4'),
      ),
    after: () => start('swarm-4'),
    dies: 'swarm-4',
    code: 0,
    says: /is deployed: every service runs it/,
    serves: 'the new one',
  },
  {
    what: 'the leader dies in the middle of the update',
    tag: 'dead-leader',
    before: () => makeLeader('swarm-3'),
    during: (ended) => moment('half an update', isHalfUpdated, ended, () => kill('swarm-3')),
    after: () => start('swarm-3'),
    dies: 'swarm-3',
    code: 0,
    says: /is deployed: every service runs it/,
    serves: 'the new one',
  },
  {
    what: 'a worker is cut off from the managers, and comes back',
    tag: 'cut-off',
    during: (ended) => moment('half an update', isHalfUpdated, ended, async () => cutOff('swarm-4')),
    after: () => heal('swarm-4'),
    code: 0,
    says: /is deployed: every service runs it/,
    serves: 'the new one',
  },
  {
    what: "a node's disk is full",
    tag: 'full-disk',
    api: asRoot('head -c 8000000 /dev/urandom >/srv/ballast'),
    paused,
    before: () => fillDisk('swarm-4'),
    after: () => makeRoom('swarm-4'),
    code: 1,
    says: /on swarm-4: [\s\S]*no space left on device/,
    serves: 'the old one',
  },
  {
    what: 'Ctrl-C in the middle of the update',
    tag: 'interrupted',
    options: signal('SIGINT', 'api: 1 of 2'),
    code: 130,
    says: /interrupted: stopping after what runs now/,
    serves: 'the new one',
  },
  {
    what: 'killed (-9) while the database is migrated',
    tag: 'killed-early',
    options: signal('SIGKILL', 'migrate: 0 of 1'),
    code: 137,
    says: /migrate/,
    serves: 'the old one',
  },
  {
    what: 'killed (-9) in the middle of the update',
    tag: 'killed-late',
    options: signal('SIGKILL', 'api: 1 of 2'),
    code: 137,
    says: /api: 1 of 2/,
    serves: 'the new one',
  },
]
