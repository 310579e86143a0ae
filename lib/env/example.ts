import { wanted } from './schema-check.ts'
import { isRequired, type SecretProperty, type Setting, type Stage } from './stage.ts'

const width = 110

/** The env file of a stage to start from: what is required is left to fill in, all else stands there as its default. */
export function exampleOf(stage: Stage): string {
  const { name, about } = stage
  return [
    ...comment(
      `Settings of ${name}: ${about}. A copy of this file without .example is yours, and not committed: ` +
        `\`npx zx playbooks/env.ts init ${name}\` makes it, and \`env.ts check ${name}\` says what is wrong with it. ` +
        `Docker Compose reads it by --env-file ${name}.env. The example is generated: npx zx playbooks/env.ts example --write`,
    ),
    '#',
    ...comment('What starts with #NAME= is the default; take the # away to set another.'),
    '',
    ...Object.keys(stage.settings.properties).flatMap((setting) => [...settingBlock(stage, setting), '']),
    ...secretsBlock(stage),
    '',
  ].join('\n')
}

/** What stands in the example about one setting: its description, and its line. */
export function settingBlock(stage: Stage, name: string): readonly string[] {
  const property = stage.settings.properties[name] ?? {}
  const required = isRequired(stage.settings, name)
  const optional = property.default === undefined ? '. Not set by default; for example' : ''
  const about = `${String(property.description)} (${wanted(property)})${required ? '. Required' : optional}`
  return [...comment(about), lineOf(name, property, required)]
}

function lineOf(name: string, property: Setting, required: boolean): string {
  if (required) return `${name}=`
  const [example] = Array.isArray(property.examples) ? property.examples : []
  return `#${name}=${property.default ?? example ?? ''}`
}

function secretsBlock({ name, secrets }: Stage): readonly string[] {
  return [
    ...comment(
      `Secrets do not stand here: each is a file in secrets/${name}/, which env.ts init ${name} makes. ` +
        'An empty file is a secret that is not set.',
    ),
    ...Object.entries(secrets.properties).flatMap(([secret, property]) =>
      comment(`${secret}: ${property.description} (${origin(property, isRequired(secrets, secret))})`, '  '),
    ),
  ]
}

function origin({ made }: SecretProperty, required: boolean): string {
  if ('later' in made) return `made by ${made.later}`
  const how = 'given' in made ? `from ${made.given}` : `made, ${made.generate.length} characters`
  return required ? how : `optional, ${how}`
}

/** Lines of a comment, broken between words. */
function comment(text: string, indent = ''): readonly string[] {
  const lines: string[] = []
  let line = `# ${indent}`
  for (const word of text.split(' ')) {
    if (line.length + word.length > width) {
      lines.push(line.trimEnd())
      line = `# ${indent}${indent}`
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
