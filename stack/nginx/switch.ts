import type { Mount, Volume } from '../../lib/stack/model.ts'
import { switches } from '../../roles/nginx-tls/paths.ts'

/** Kept when the container is made anew: a site that was closed stays closed. Root alone writes into it. */
export const switchVolume: Volume = {
  name: 'nginx-switch',
  about: 'Closed for maintenance while a file "maintenance" is in it: maintenance.ts.',
}

export const switchMount: Mount = { type: 'volume', source: switchVolume.name, target: switches.folder }
