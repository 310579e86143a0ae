/** The fields of an os-release file: ID, VERSION_CODENAME, … */
export function osRelease(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [, name, double, single, bare] =
        /^([A-Z][A-Z0-9_]*)=(?:"([^"]*)"|'([^']*)'|(\S*))\s*$/.exec(line) ?? []
      return name === undefined ? [] : [[name, double ?? single ?? bare ?? ''] as const]
    }),
  )
}
