import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../argv.ts'
import { commandLine } from '../../command-line.ts'

const files = ['github.yaml', 'github-infra.yaml', 'gitlab.yaml']
const textOf = (name: string) => readFileSync(join(root, 'docs/ci', name), 'utf8')
const of = (name: string) => parse(textOf(name), { merge: true }) as Record<string, Record<string, unknown>>

interface Step {
  readonly run?: string
  readonly uses?: string
  readonly env?: Record<string, string>
}
interface Job {
  readonly steps: readonly Step[]
  readonly needs?: string
  readonly environment?: string
}
const jobsOf = (name: string) => of(name).jobs as unknown as Record<string, Job>

/** Lines that are commands. */
const commands = (name: string): readonly string[] =>
  name.startsWith('github')
    ? Object.values(jobsOf(name)).flatMap(({ steps }) => steps.flatMap(({ run }) => run?.split('\n') ?? []))
    : Object.values(of(name)).flatMap((job) =>
        ['before_script', 'script'].flatMap((key) =>
          Array.isArray(job?.[key]) ? (job[key] as string[]) : [],
        ),
      )

describe.each(files)('%s', (name) => {
  test('every playbook is one, and takes the flags and words that it is given', async () => {
    const used = new Map<string, Set<string>>()
    for (const line of commands(name))
      for (const [, playbook = '', words = ''] of line.matchAll(/npx zx playbooks\/([\w-]+)\.ts([^|>&]*)/g)) {
        const flags = used.get(playbook) ?? new Set()
        for (const [flag] of words.matchAll(/--[\w-]+/g)) flags.add(flag)
        used.set(playbook, flags)
      }
    expect(used.size).toBeGreaterThan(0)
    for (const [playbook, flags] of used) {
      const { code, stdout } = await commandLine(`playbooks/${playbook}.ts --help`)
      expect(code, playbook).toBe(0)
      for (const flag of flags) expect(stdout).toMatch(new RegExp(`(^|\\s)${flag}\\b`, 'm'))
    }
  })

  test('npm’s scripts, files and folders that it names are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const text = commands(name).join('\n')
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(script)
    for (const [path] of textOf(name).matchAll(
      /\b(docker\/(?:api|web|quayside)[\w/]*|terraform\/validate\.sh)/g,
    ))
      expect(existsSync(join(root, path)), path).toBe(true)
  })

  test('what it uses has a version', () => {
    const named = [
      ...textOf(name).matchAll(/(?:uses|image): (?:\{ name: ')?([a-z][\w./-]*)(?:([@:])([\w.-]+))?/g),
    ]
    expect(named.length).toBeGreaterThan(2)
    // A matrix names the images that are built here.
    for (const [line, what = '', , version] of named)
      if (!['api', 'web', 'quayside'].includes(what)) expect(version, line).toMatch(/^v?\d/)
    expect(textOf(name)).not.toContain('latest')
  })

  test('no secret is in a command', () => {
    for (const line of commands(name)) {
      expect(line).not.toMatch(/\$\{\{/)
      expect(line).not.toMatch(/--password[ =]|echo .*(KEY|PASSWORD)/)
    }
  })
})

test('GitHub: production comes after staging, and both wait for their environment', () => {
  const { build, production, staging } = jobsOf('github.yaml')
  expect([build?.needs, staging?.needs, production?.needs]).toEqual(['check', 'build', 'staging'])
  expect([staging?.environment, production?.environment]).toEqual(['staging', 'production'])
})

test('GitHub: keys are in the environment of the steps that need them alone', () => {
  for (const { steps, ...job } of Object.values(jobsOf('github.yaml'))) {
    expect(JSON.stringify(job)).not.toContain('secrets.')
    for (const { env, run = '', uses } of steps)
      if (JSON.stringify(env ?? {}).includes('secrets.')) {
        expect(uses).toBe(undefined)
        expect(run).toMatch(/playbooks\/(site|deploy|health)\.ts|printenv SSH_PRIVATE_KEY/)
      }
  }
})

test('GitLab: production waits for a person', () => {
  const { production, staging, stages } = of('gitlab.yaml')
  expect(stages).toEqual(['check', 'build', 'staging', 'production'])
  expect(JSON.stringify(production?.rules)).toContain('"when":"manual"')
  expect(JSON.stringify(staging?.rules)).not.toContain('manual')
})

test('both scan an image before they push it', () => {
  for (const name of ['github.yaml', 'gitlab.yaml']) {
    const text = commands(name).join('\n')
    expect(text.indexOf('trivy')).toBeGreaterThan(0)
    expect(text.indexOf('trivy')).toBeLessThan(text.indexOf('docker push'))
    expect(text).toContain('--exit-code 1')
  }
})
