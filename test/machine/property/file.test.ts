import { absentFileCases, absentFileObeys, fileCases, fileObeys } from '../../property/file.ts'
import { localSite } from '../../property/local-site.ts'
import { property } from '../../property/runs.ts'

const site = localSite()

property('a file', 25, fileCases, (each) => fileObeys(site, each))
property('a file that shall not be', 10, absentFileCases, (each) => absentFileObeys(site, each))
