import { lines } from '../../../lib/script/index.ts'
import {
  composeCases,
  composeObeys,
  containerCases,
  containerObeys,
  imageCases,
  imageObeys,
  networkCases,
  networkObeys,
  sweepContainers,
  volumeCases,
  volumeObeys,
} from '../../property/host/containers.ts'
import {
  postgresDatabaseCases,
  postgresDatabaseObeys,
  postgresExtensionCases,
  postgresExtensionObeys,
  postgresUserCases,
  postgresUserObeys,
  startPostgres,
  sweepPostgres,
} from '../../property/host/postgres.ts'
import { hostSite } from '../../property/host/site.ts'
import { property } from '../../property/runs.ts'

const site = hostSite(
  'app-2',
  '/srv/quayside-containers',
  lines(sweepContainers, sweepPostgres),
  startPostgres,
)

property('a container, or none', 2, containerCases, (each) => containerObeys(site, each))
property('a network, or none', 3, networkCases, (each) => networkObeys(site, each))
property('a volume', 1, volumeCases, (each) => volumeObeys(site, each))
property('an image', 2, imageCases, (each) => imageObeys(site, each))
property('a compose project, or none', 1, composeCases, (each) => composeObeys(site, each))
property('a user of PostgreSQL', 4, postgresUserCases, (each) => postgresUserObeys(site, each))
property('a database', 2, postgresDatabaseCases, (each) => postgresDatabaseObeys(site, each))
property('an extension', 2, postgresExtensionCases, (each) => postgresExtensionObeys(site, each))
