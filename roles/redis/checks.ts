import { type Check, containersCheck, portCheck, type Seen, said } from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { sh } from '../../lib/script/index.ts'
import { privateIp } from '../private-ip.ts'
import { paths } from './paths.ts'
import type { RedisVars } from './schema.ts'

/** of maxmemory: from here on the policy soon decides what goes, or writes are refused */
const memoryWarning = 0.9

/** Redis through its layers, on its own host. */
export function redisChecks(host: Host): readonly Check[] {
  const { redis_port: port, redis_image: image } = host.vars as unknown as RedisVars
  return [
    containersCheck(host, [{ name: 'redis', service: 'redis', image }]),
    portCheck({ from: host, service: 'redis', address: privateIp(host), port }),
    {
      host,
      service: 'redis',
      layer: 'query',
      what: 'PING',
      // The password goes from its file to redis-cli's environment, inside the container: it is in no argument list.
      script: sh`printf 'PING\nINFO memory\nINFO persistence\n' |
exec docker exec -i redis sh -c ${`REDISCLI_AUTH=$(cat ${paths.password}) exec timeout 4 redis-cli`}`,
      judge: (answer) =>
        answer.code === 0 && answer.stdout.startsWith('PONG')
          ? [judgeRedis(answer.stdout)]
          : [{ verdict: 'failed', seen: `PING: ${said(answer)}` }],
    },
  ]
}

/** Of an answer to PING, and INFO on memory and persistence. */
export function judgeRedis(stdout: string): Seen {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(stdout)?.[1] ?? ''
  const [used, most] = [Number(field('used_memory')), Number(field('maxmemory'))]
  const [log, snapshot] = [field('aof_last_write_status'), field('rdb_last_bgsave_status')]
  const near = most > 0 && used / most >= memoryWarning
  const broken = log !== 'ok' || snapshot !== 'ok'
  const saved = new Date(Number(field('rdb_last_save_time')) * 1000).toISOString().slice(0, 16)
  const loads = field('loading') === '1'
  return {
    verdict: broken ? 'failed' : near || loads ? 'warning' : 'ok',
    seen: [
      'PONG',
      `${(used / 1024 ** 2).toFixed(1)} of ${most > 0 ? (most / 1024 ** 2).toFixed(0) : 'any'} MiB${near ? ': nearly full' : ''}`,
      ...(loads ? ['still reads its data'] : []),
      log === 'ok' ? 'log written' : `the last write to its log: ${log}`,
      snapshot === 'ok' ? `saved ${saved}Z` : `the last snapshot: ${snapshot}`,
    ].join(', '),
  }
}
