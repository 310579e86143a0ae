import { identifier } from '../../postgres/identifier.ts'
import type { Catalog } from './catalog.ts'

/** SQL for an empty database that a dump of that one restores into: its encoding and order of text, no object of a template's. */
export function createDatabase(
  name: string,
  like: Pick<Catalog, 'owner' | 'encoding' | 'collate' | 'ctype' | 'locale'>,
  options: { readonly owner?: string } = {},
): string {
  const [, provider, locale] = /^(\w+):(.*)$/s.exec(like.locale ?? '') ?? []
  return [
    `create database ${identifier(name)} owner ${identifier(options.owner ?? like.owner)} template template0`,
    `encoding ${literal(like.encoding)} lc_collate ${literal(like.collate)} lc_ctype ${literal(like.ctype)}`,
    ...(provider === undefined || locale === undefined
      ? []
      : [`locale_provider ${identifier(provider)} ${provider}_locale ${literal(locale)}`]),
  ].join(' ')
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
