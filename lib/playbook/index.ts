export type { Args, Flags } from './flags.ts'
export { type Playbook, playbook, type Run } from './playbook.ts'
export { type Program, program } from './program.ts'
