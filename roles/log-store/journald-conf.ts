import type { LogStoreVars } from './schema.ts'

/**
 * journald's settings for the store's namespace. A journal goes file by file: one a day at most, so that what is too old
 * is gone a day later, and an eighth of the size at most.
 */
export function journaldConf(vars: Pick<LogStoreVars, 'log_store_days' | 'log_store_mb'>): string {
  return `[Journal]
Storage=persistent
Compress=yes
SystemMaxUse=${vars.log_store_mb}M
SystemMaxFileSize=${Math.max(8, Math.floor(vars.log_store_mb / 8))}M
MaxRetentionSec=${vars.log_store_days}day
MaxFileSec=1day
RateLimitIntervalSec=0
ForwardToSyslog=no
`
}
