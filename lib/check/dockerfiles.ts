import { lintDockerfile } from '../dockerfile/index.ts'
import { type Finding, finding } from './finding.ts'
import { placeAt, type Source } from './sources.ts'

/** Whether a file is a Dockerfile, by its name. */
export function isDockerfile({ path }: Source): boolean {
  if (path.endsWith('.dockerignore')) return false
  return /(^|\/)(Dockerfile|Containerfile)(\.[\w-]+)?$|\.Dockerfile$/.test(path)
}

/** What builds an image that is larger, less safe or another one than was meant: hadolint's rules and BuildKit's. */
export function dockerfileFindings(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(isDockerfile)
    .flatMap((source) =>
      lintDockerfile(source.text).map(({ rule, offset, message, hint }) =>
        finding(rule, placeAt(source, offset), message, hint),
      ),
    )
}
