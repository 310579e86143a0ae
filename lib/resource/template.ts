import type { Content } from '../secret/index.ts'
import { oneLine } from './argument.ts'
import { withHeader } from './content.ts'
import { type FileOptions, file } from './file.ts'
import type { Resource } from './resource.ts'

export interface TemplateOptions extends FileOptions {
  /** what begins a comment; "#" unless told */
  readonly comment?: string | undefined
}

export const managedNote = 'Managed by Quayside; a change made here is overwritten by the next run.'

/** A file whose first line, a comment, says where it comes from; its text comes from the tag text`…`. */
export function template(path: string, content: Content, options: TemplateOptions = {}): Resource {
  const { comment = '#', ...rest } = options
  return file(path, {
    ...rest,
    content: withHeader(content, `${oneLine(comment, 'comment')} ${managedNote}`),
  })
}
