import type { WrittenFiles } from '../lib/check/written.ts'
import { files } from './files.ts'
import { files as kubernetesFiles } from './kubernetes/files.ts'

/** What is committed of the model, for people who use Compose or Kubernetes alone. */
export const written: WrittenFiles = {
  files: new Map([
    ...[...files()].map(([path, text]) => [`compose/${path}`, text] as const),
    ...[...kubernetesFiles()].map(([path, text]) => [`kubernetes/${path}`, text] as const),
  ]),
  by: 'npm run compose',
}
