import { sh } from '../../../lib/script/index.ts'
import {
  absentUserObeys,
  groupCases,
  groupObeys,
  sweepAccounts,
  userCases,
  userObeys,
} from '../../property/host/account.ts'
import { keysCases, keysObey, sweepKeys } from '../../property/host/keys.ts'
import { hostSite } from '../../property/host/site.ts'
import { property } from '../../property/runs.ts'

const site = hostSite('edge-2', '/srv/quayside-accounts', sh`${sweepAccounts}${sweepKeys}`)

property('a user', 5, userCases, (each) => userObeys(site, each))
property('no user', 3, userCases, (each) => absentUserObeys(site, each))
property('a group, or none', 5, groupCases, (each) => groupObeys(site, each))
property('authorised keys', 4, keysCases, (each) => keysObey(site, each))
