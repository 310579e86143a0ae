import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { byShare, type Check, type Seen, worst } from './check.ts'
import { said } from './gather.ts'

const warning = 0.8
const failed = 0.9

/** What fills: the system, Docker's images and volumes, logs, and what backups and the log of PostgreSQL keep here. */
const paths = [
  '/',
  '/tmp',
  '/var/log',
  '/var/lib/docker',
  '/var/lib/docker/volumes',
  '/var/lib/containerd',
  '/var/lib/quayside',
  '/var/lib/quayside/backup',
  '/var/lib/quayside/wal',
  '/srv/postgres',
]

/** The file systems below the paths that matter on a host, each once: how full they are, in bytes and in inodes. */
export function diskCheck(host: Host): Check {
  return {
    host,
    service: 'host',
    layer: 'disk',
    what: 'df',
    script: sh`
set -- ${paths}
for path in "$@"; do
  shift
  [ -e "$path" ] && set -- "$@" "$path"
done
LC_ALL=C df -P -k "$@" && echo inodes && LC_ALL=C df -P -i "$@"
`,
    judge: (answer) => {
      if (answer.code !== 0) return [{ verdict: 'failed', seen: said(answer) }]
      return judgeDisks(answer.stdout)
    },
  }
}

/** Of what df printed: of blocks, then "inodes", then of inodes. */
export function judgeDisks(stdout: string): readonly Seen[] {
  const [blocks = '', inodes = ''] = stdout.split('\ninodes\n')
  const nodes = new Map(rowsOf(inodes).map((row) => [row.mount, row]))
  const mounts = new Map(rowsOf(blocks).map((row) => [row.mount, row]))
  return [...mounts.values()].map(({ mount, share, free }) => {
    const used = nodes.get(mount)?.share
    const inodesToo = used === undefined ? '' : `, inodes ${Math.round(used * 100)} %`
    return {
      verdict: worst([
        byShare(share, warning, failed),
        used === undefined ? 'ok' : byShare(used, warning, failed),
      ]),
      seen: `${mount}: ${Math.round(share * 100)} % full, ${(free / 1024 ** 2).toFixed(1)} GiB free${inodesToo}`,
    }
  })
}

/** share: undefined where the file system counts none (inodes of btrfs); free in df's units */
function rowsOf(text: string): { mount: string; share: number; free: number }[] {
  return text.split('\n').flatMap((line) => {
    const [, free, share, mount] = /^\S+ +\d+ +\d+ +(\d+) +(\d+)% (\/.*)$/.exec(line) ?? []
    return mount === undefined ? [] : [{ mount, share: Number(share) / 100, free: Number(free) }]
  })
}
