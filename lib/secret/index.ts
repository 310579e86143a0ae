export { redact, redactDeep } from './redact.ts'
export { render, TemplateError } from './render.ts'
export { type Content, isSecret, Secret } from './secret.ts'
export { join, plain, text } from './text.ts'
