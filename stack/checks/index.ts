import type { Check } from '../../lib/stack/check.ts'
import { authentication } from './authentication.ts'
import { cache } from './cache.ts'
import { communication } from './communication.ts'
import { pgvector } from './pgvector.ts'
import { tiers } from './tiers.ts'

/** What has to be so of AgentLab wherever it runs. */
export const checks: readonly Check[] = [communication, authentication, pgvector, cache, tiers]
