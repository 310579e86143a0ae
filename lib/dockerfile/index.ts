export { lintDockerfile } from './lint.ts'
export { type Instruction, parseDockerfile } from './parse.ts'
export { type Problem, type Rule, rules } from './rules.ts'
export { dockerfileOf, sourcesOf, stageNamed } from './stages.ts'
