import { targetLike } from '../../target.ts'

/** This machine, as the user who runs the tests. */
export const localTarget = targetLike()
