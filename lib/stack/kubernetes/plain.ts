/**
 * A text of the model as Kubernetes takes it, which knows no variables: `${NAME:-default}` is its default. Throws a
 * TypeError for one that has none.
 */
export function plain(text: string): string {
  const without = text.replaceAll(/\$\{\w+:-([^{}]*)\}/g, '$1')
  if (without.includes('${')) throw new TypeError(`${text}: no default for Kubernetes`)
  return without
}
