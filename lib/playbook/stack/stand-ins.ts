/**
 * The variables that name images built here of Debian's packages. Loaded where they are wanted alone: on most machines
 * images come from a registry.
 */
export async function standIns(print: (line: string) => void): Promise<Readonly<Record<string, string>>> {
  const { ensureCompose, stackImages } = await import('../../lab/stack-images.ts')
  await ensureCompose(print)
  return stackImages(print)
}
