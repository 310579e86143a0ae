export { piped } from './pipe.ts'
export { feed, later, lines, quote, raw, Script, sh, type Word } from './script.ts'
