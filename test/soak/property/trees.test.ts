import { sh } from '../../../lib/script/index.ts'
import {
  absentDirectoryCases,
  absentDirectoryObeys,
  directoryCases,
  directoryObeys,
} from '../../property/directory.ts'
import { fileCases, fileObeys } from '../../property/file.ts'
import { hostSite } from '../../property/host/site.ts'
import { fetchCases, fetchObeys, syncCases, syncObeys } from '../../property/host/trees.ts'
import { property } from '../../property/runs.ts'

/** As root, things may belong to others: what test/machine/property cannot have. */
const site = hostSite('edge-2', '/srv/quayside-trees', sh``)

property('a file', 4, fileCases, (each) => fileObeys(site, each))
property('a directory', 4, directoryCases, (each) => directoryObeys(site, each))
property('no directory', 3, absentDirectoryCases, (each) => absentDirectoryObeys(site, each))
property('a synced directory', 6, syncCases, (each) => syncObeys(site, each))
property('a fetched file', 6, fetchCases, (each) => fetchObeys(site, each))
