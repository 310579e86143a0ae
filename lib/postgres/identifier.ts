/** A name as SQL takes it, whatever it is made of: "Odd ""name""". */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table's full name as SQL takes it. */
export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${identifier(schema)}.${identifier(name)}`
}
