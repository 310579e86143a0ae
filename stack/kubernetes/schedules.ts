import type { Schedules } from '../../lib/stack/kubernetes/schedules.ts'
import type { Service } from '../../lib/stack/model.ts'
import { image } from '../images.ts'

const claim = 'quayside-state'

/** Quayside's own image with an inventory in it; which environment is the one variable that there is. */
const quayside = (name: string, about: string, words: readonly string[]): Service => ({
  name,
  about,
  image: image.quayside,
  user: '10001:10001',
  // Kubernetes fills in $(…).
  command: [...words, '--env', '$(ENVIRONMENT)'],
  environment: { ENVIRONMENT: 'production', QUAYSIDE_AGE_KEY_FILE: '/run/secrets/age_key' },
  secrets: ['age_key', 'ssh_key', 'known_hosts'],
  networks: [],
  mounts: [
    { type: 'tmpfs', target: '/tmp', sizeMb: 256 },
    { type: 'volume', source: claim, target: '/state' },
  ],
  health: 'none',
  resources: { memoryMb: 512, reservedMb: 128, cpus: '1', pids: 256 },
  // What it began on a host is undone before it ends.
  stop: { graceSeconds: 120 },
})

/** Backups of the hosts of an inventory, and their drill, from a cluster. */
export const schedules: Schedules = {
  about: `Backups of the hosts that an inventory names, by SSH, and the proof that they restore. Not of this cluster's own PostgreSQL.
docs/kubernetes.md says what they need.`,
  secret: 'agentlab-quayside',
  hosts: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  state: { claim, sizeGi: 1 },
  jobs: [
    {
      service: quayside('quayside-backup', 'A backup, every night.', ['backup.ts', 'take']),
      at: '17 2 * * *',
      mostSeconds: 6 * 3600,
    },
    {
      service: quayside('quayside-drill', 'The newest backup, restored and proved, every Sunday.', [
        'restore-drill.ts',
      ]),
      at: '43 4 * * 0',
      mostSeconds: 6 * 3600,
    },
  ],
}
