import type { WrittenFiles } from '../lib/check/written.ts'
import { files } from './files.ts'

/** What is committed of the model, for people who use Compose alone. */
export const written: WrittenFiles = {
  files: new Map([...files()].map(([path, text]) => [`compose/${path}`, text])),
  by: 'npm run compose',
}
