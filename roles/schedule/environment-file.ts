import { quote } from '../../lib/script/script.ts'
import { type Content, join, Secret } from '../../lib/secret/index.ts'
import type { ScheduleVars } from './schema.ts'

/** What run-job reads into its environment before a job: sh, and a Secret as a whole where one is in it. */
export function environmentFile(vars: ScheduleVars): Content {
  const ping = vars.schedule_ping_url
  const secrets = { ...vars.schedule_secrets, ...(ping === undefined ? {} : { QUAYSIDE_PING_URL: ping }) }
  return join(
    [
      ...Object.entries(vars.schedule_environment).map(([name, value]) => `${name}=${quote(value)}\n`),
      ...Object.entries(secrets).map(
        ([name, value]) => new Secret(`${name}=${quote(value.reveal())}\n`, 'composed'),
      ),
    ],
    '',
  )
}
