import { readFileSync } from 'node:fs'
import { kubernetesFiles } from '../../lib/stack/kubernetes/files.ts'
import { agentlab } from '../agentlab.ts'
import { files as composeFiles } from '../files.ts'
import { cluster, overlays } from './cluster.ts'
import { schedules } from './schedules.ts'

/** Every file that is written of the model for Kubernetes: its path below kubernetes/, and its text. */
export function files(): ReadonlyMap<string, string> {
  const made = composeFiles()
  return kubernetesFiles({
    stack: agentlab,
    cluster,
    overlays,
    schedules,
    about: 'Written from stack/ by: npm run compose. Changes made here are lost.',
    // What compose/ has, written or by hand: the same scripts start the same images.
    textOf: ({ path }) =>
      made.get(path.replace(/^\.\//, '')) ??
      readFileSync(new URL(`../../compose/${path}`, import.meta.url), 'utf8'),
  })
}
