import type { Service } from '../../lib/stack/model.ts'
import { image } from '../images.ts'

export const web: Service = {
  name: 'web',
  about: 'The web front end (Next.js). It asks the api, and knows no way to the database.',
  image: image.web,
  user: '10001:10001',
  environment: { API_URL: 'http://api:8000' },
  networks: ['frontend', 'backend'],
  mounts: [{ type: 'tmpfs', target: '/tmp', sizeMb: 64 }],
  health: {
    command: ['node', '/srv/server/healthcheck.cjs'],
    intervalSeconds: 2,
    timeoutSeconds: 4,
    retries: 3,
    startPeriodSeconds: 30,
  },
  resources: { memoryMb: 512, reservedMb: 128, cpus: '1', pids: 256 },
  stop: { graceSeconds: 20 },
}
