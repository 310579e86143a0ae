/** What is looked at, each by itself. */
export const parts = [
  'types',
  'inventories',
  'variables',
  'tags',
  'images',
  'dockerfiles',
  'secrets',
  'written',
] as const

export type Part = (typeof parts)[number]
