export { demandAllowed, needsScrub } from './between.ts'
export { type Choice, check, cleanUp, dropKept, restore, swapIn, undo } from './run.ts'
export { readTable, type Wanted } from './toc.ts'
export type { Source, Tools } from './tools.ts'
