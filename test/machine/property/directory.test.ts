import {
  absentDirectoryCases,
  absentDirectoryObeys,
  directoryCases,
  directoryObeys,
} from '../../property/directory.ts'
import { linkCases, linkObeys } from '../../property/link.ts'
import { localSite } from '../../property/local-site.ts'
import { property } from '../../property/runs.ts'

const site = localSite()

property('a directory', 15, directoryCases, (each) => directoryObeys(site, each))
property('a directory that shall not be', 8, absentDirectoryCases, (each) => absentDirectoryObeys(site, each))
property('a link', 15, linkCases, (each) => linkObeys(site, each))
