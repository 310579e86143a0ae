import { packages } from '../../../lib/resource/index.ts'
import { converge, look } from '../../lab/converge.ts'
import {
  archiveCases,
  archiveObeys,
  downloadCases,
  downloadObeys,
  gitCases,
  gitObeys,
  originate,
} from '../../property/host/elsewhere.ts'
import {
  aptKeyCases,
  aptKeyObeys,
  packageCases,
  packagesObey,
  publish,
  repositoryCases,
  repositoryObeys,
  sweepPackages,
} from '../../property/host/packages.ts'
import { hostSite } from '../../property/host/site.ts'
import { property } from '../../property/runs.ts'

const folder = '/srv/quayside-packages'
/** What Debian's smallest installation lacks; it stays on the host. */
const needed = packages(['git', 'gpg', 'gpg-agent'])

const site = hostSite('edge-2', folder, sweepPackages, async (connection) => {
  if ((await look(connection, needed)).kind === 'change') await converge(connection, needed)
  await publish(connection, folder)
  await originate(connection, folder)
})

property('a download', 4, downloadCases, (each) => downloadObeys(site, each))
property('an archive, or none', 6, archiveCases, (each) => archiveObeys(site, each))
property('a git checkout', 4, gitCases, (each) => gitObeys(site, each))
property('a key of apt', 4, aptKeyCases, (each) => aptKeyObeys(site, each))
property('an apt repository', 3, repositoryCases, (each) => repositoryObeys(site, each))
property('packages, or none', 3, packageCases, (each) => packagesObey(site, each))
