import { absentLineCases, absentLineObeys, lineCases, lineObeys } from '../../property/line.ts'
import { localSite } from '../../property/local-site.ts'
import { property } from '../../property/runs.ts'

const site = localSite()

property('a line in a file', 25, lineCases, (each) => lineObeys(site, each))
property('a line that shall not be', 12, absentLineCases, (each) => absentLineObeys(site, each))
