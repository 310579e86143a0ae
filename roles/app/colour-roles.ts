import type { ColourRoles } from '../../lib/deploy/index.ts'
import { migrate } from './migrate.ts'
import { prepareColour } from './prepare.ts'
import { startColour } from './start.ts'

/** What a deploy asks of this role. */
export const colourRoles: ColourRoles = { prepare: prepareColour, start: startColour, migrate }
