import { fileURLToPath } from 'node:url'

/** The folder that holds how each of the lab's images is made. */
export const recipes = fileURLToPath(new URL('../../docker/standins', import.meta.url))
