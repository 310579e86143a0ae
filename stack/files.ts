import { baseFile, settingFile, swarmFile } from '../lib/stack/compose-file.ts'
import { agentlab } from './agentlab.ts'
import { nginxConf } from './nginx/conf.ts'
import { postgresConf } from './postgres/conf.ts'
import { redisConf } from './redis/conf.ts'
import { dev } from './settings/dev.ts'
import { prod } from './settings/prod.ts'
import { swarm } from './settings/swarm.ts'
import { test } from './settings/test.ts'

const base = `What each service is wherever it runs: image, user, limits, health, networks. The other files extend it.

Written from stack/ by: npm run compose. Changes made here are lost.`

const written = 'Written from stack/ by: npm run compose. Changes made here are lost.'

/** Every file that is written from the model: its path below compose/, and its text. */
export function files(): ReadonlyMap<string, string> {
  const strict = { http: 'redirects', names: 'its own', rate: 50, hstsSeconds: 31_536_000 } as const
  const local = { http: 'serves', names: 'any', rate: 0, hstsSeconds: 0 } as const
  const conf = (setting: Parameters<typeof nginxConf>[0]) => `${nginxConf(setting).trim()}\n`
  const whole = {
    ...agentlab,
    configs: [...agentlab.configs, { name: 'nginx_conf', path: './nginx/prod.conf' }],
  }
  return new Map([
    ['base.yaml', baseFile(whole, base, './secrets/dev')],
    ['dev.yaml', settingFile(agentlab, dev)],
    ['test.yaml', settingFile(agentlab, test)],
    ['prod.yaml', settingFile(agentlab, prod)],
    ['stack.yaml', swarmFile(agentlab, swarm)],
    ['nginx/dev.conf', conf({ about: written, ...local, evalScripts: true })],
    ['nginx/test.conf', conf({ about: written, ...local })],
    ['nginx/prod.conf', conf({ about: written, ...strict })],
    ['nginx/swarm.conf', conf({ about: written, ...strict })],
    ['postgres/postgresql.conf', `# ${written}\n${postgresConf()}`],
    ['redis/redis.conf', `# ${written}\n${redisConf().trim()}\n`],
  ])
}
