import { hostPlayCases, hostPlayObeys, sweepPlay } from '../../property/host/play.ts'
import { hostSite } from '../../property/host/site.ts'
import { property } from '../../property/runs.ts'

const folder = '/srv/quayside-play'
const site = hostSite('app-2', folder, sweepPlay(folder))

property(
  'a play of many kinds: what the check run says is what the apply run does',
  2,
  hostPlayCases,
  (each) => hostPlayObeys(site, each),
)
