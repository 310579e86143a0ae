import { UsageError } from '../../error.ts'
import { Decrypted, findEncrypted } from '../../inventory/encrypted.ts'
import { Faults, shownPath } from '../../inventory/fault.ts'
import { didYouMean } from '../../inventory/nearest.ts'
import { fileIn, type Place } from './place.ts'

/**
 * Prints the names that the files hold; with a name, its value and nothing else. `out` writes as it is given: this is
 * the one place where a secret is meant to be seen.
 */
export async function showSecrets(
  place: Place,
  options: { name?: string | undefined; file?: string | undefined; reveal: boolean },
  out: (text: string) => void,
): Promise<void> {
  const only = options.file === undefined ? undefined : fileIn(place.dir, options.file)
  const files = (await findEncrypted(place.dir)).filter(({ path }) => only === undefined || path === only)
  if (files.length === 0)
    throw new UsageError(
      only === undefined
        ? `${shownPath(place.dir)} has no encrypted file`
        : `${shownPath(only)} does not exist`,
      `npx zx playbooks/secrets.ts edit --env ${place.env} makes one`,
    )
  const faults = new Faults()
  const held = [...(await Decrypted.open(files, place.vault, faults)).all()].map(({ file, value }) => ({
    path: shownPath(file.path),
    name: value.variable.name,
    secret: value.secret,
  }))
  faults.throwIfAny()
  if (options.name !== undefined) {
    const hits = held.filter(({ name }) => name === options.name)
    const [hit] = hits
    if (hit === undefined) {
      const known = held.map(({ name }) => name)
      throw new UsageError(`no encrypted file holds \`${options.name}\``, didYouMean(options.name, known))
    }
    if (hits.length > 1) {
      const where = hits.map(({ path }) => path).join(', ')
      throw new UsageError(`\`${options.name}\` stands in ${where}`, `say which: --file ${hit.path}`)
    }
    out(`${hit.secret.reveal().replace(/\n$/, '')}\n`)
    return
  }
  for (const { path } of files) {
    const shown = shownPath(path)
    out(`${shown}\n`)
    for (const { name, secret } of held.filter((each) => each.path === shown))
      out(options.reveal ? `  ${name}: ${secret.reveal().replace(/\n(?!$)/g, '\n    ')}\n` : `  ${name}\n`)
  }
}
