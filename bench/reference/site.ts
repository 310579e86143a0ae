import { playbook } from '../../lib/playbook/index.ts'
import { reference } from './role.ts'

await playbook(import.meta, {
  about: 'Converge hosts to the reference workload of the benchmark',
  example: 'npm run bench',
  plays: [{ hosts: 'all', roles: [reference] }],
})
