export { askLogs, type Span } from './ask.ts'
export { type Entry, type Level, levels, serviceOf } from './entry.ts'
export { entriesOf } from './read.ts'
export { inOrder, isWanted, type Wanted } from './wanted.ts'
