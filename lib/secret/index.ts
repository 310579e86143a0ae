export { redact, redactDeep } from './redact.ts'
export { type Content, isSecret, Secret } from './secret.ts'
export { join, plain, text } from './text.ts'
