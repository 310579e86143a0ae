import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { remoteGit } from '../../../lib/resource/git-remote.ts'
import { Conflict, gitCheckout } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { onThisMachine, table } from '../../unit/resource/observe.ts'

const repo = 'https://git.test/a.git'
const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
const main = gitCheckout('/srv/a', { repo, version: 'main' })
const tag = gitCheckout('/srv/a', { repo, version: 'v1' })
const exact = gitCheckout('/srv/a', { repo, version: one })
const forced = gitCheckout('/srv/a', { repo, version: one, force: true })
const lines = (...given: string[]) => given.map((line) => `${line}\n`).join('')
const there = lines('state checkout', `head ${one}`, `origin ${repo}`)

describe('what git shows becomes a plan', () => {
  table([
    {
      when: 'no checkout yet',
      resource: main,
      stdout: lines('state absent', `ref ${one}\trefs/heads/main`),
      plan: `change: clone ${repo} at main (1111111111)`,
    },
    {
      when: 'the branch stands there',
      resource: main,
      stdout: `${there}ref ${one}\trefs/heads/main\n`,
      plan: 'unchanged',
    },
    {
      when: 'the branch went on',
      resource: main,
      stdout: `${there}ref ${two}\trefs/heads/main\n`,
      plan: 'change: 1111111111 → main (2222222222)',
    },
    {
      when: 'an annotated tag stands for its commit, and goes before a branch',
      resource: tag,
      stdout: `${there}ref ${two}\trefs/heads/v1\nref ${'3'.repeat(40)}\trefs/tags/v1\nref ${one}\trefs/tags/v1^{}\n`,
      plan: 'unchanged',
    },
    {
      when: 'no such branch',
      resource: main,
      stdout: there,
      plan: `unknown: ${repo} has no branch or tag main`,
    },
    { when: 'the commit', resource: exact, stdout: there, plan: 'unchanged' },
    {
      when: 'another origin, with a token in it',
      resource: exact,
      stdout: lines('state checkout', `head ${one}`, 'origin https://x:hush@old.test/a.git'),
      plan: `change: origin https://old.test/a.git → ${repo}`,
    },
    {
      when: 'changes that shall be thrown away',
      resource: forced,
      stdout: `${there}dirty  M file\nown ${two}\n`,
      plan: 'change: throw away changes in 1 files',
      diff: '- M file',
    },
    {
      when: 'a submodule that is behind',
      resource: gitCheckout('/srv/a', { repo, version: one, submodules: true }),
      stdout: `${there}modules stale\n`,
      plan: 'change: update submodules',
    },
    {
      when: 'no git',
      resource: main,
      stderr: 'this host has no git\n',
      code: 3,
      plan: 'unknown: this host has no git',
    },
  ])

  test.each([
    [`${there}dirty  M file\n`, 'files were changed by hand in /srv/a:\n   M file'],
    [`${there}own ${two}\n`, 'the commit 2222222222 in /srv/a is nowhere else'],
    ['state other\n', 'what stands at /srv/a is no git checkout'],
  ])('%j is a conflict', (stdout, message) => {
    const plan = () => exact.plan({ stdout, stderr: '', code: 0 })
    expect(plan).toThrow(Conflict)
    expect(plan).toThrow(message)
  })
})

test.each([
  [{ repo: 'https://me:hush@git.test/a.git', version: 'main' }, 'give credentials'],
  [{ repo: 'https://token@git.test/a.git', version: 'main' }, 'give credentials'],
  [{ repo: '--upload-pack=x', version: 'main' }, 'repo must match'],
  [{ repo, version: '--force' }, 'version must match'],
  [{ repo, version: 'a..b' }, 'version is no name of git'],
  [{ repo, version: 'main', depth: 0 }, 'depth must be'],
])('%j is refused', (options, message) => {
  expect(() => gitCheckout('/srv/a', options)).toThrow(message)
})

describe('a password', () => {
  const machine = onThisMachine()
  const credentials = { username: 'ci', password: new Secret("it's hush") }

  test('reaches git’s helper, again and again, and neither arguments, environment nor disk', async () => {
    const folder = `${machine.folder}/bin`
    await mkdir(folder)
    // Stands in for git: notes what it was given, and asks the last helper twice, as git does.
    await writeFile(
      `${folder}/git`,
      `#!/bin/sh
{ echo "$@"; env; find ${machine.folder}/tmp -type f; } >>${machine.folder}/noted
for word; do case $word in credential.*=!*) helper=\${word#*=!} ;; esac; done
sh -c "$helper get"; sh -c "$helper get"; sh -c "$helper store"
`,
      { mode: 0o755 },
    )
    await mkdir(`${machine.folder}/tmp`)
    const { stdout, code } =
      await machine.shell.run(sh`PATH=${folder}:$PATH; export TMPDIR=${`${machine.folder}/tmp`}
own_git() { git "$@"; }
${remoteGit({ repo, credentials }, undefined)}
remote_git fetch`)
    expect(code).toBe(0)
    expect(stdout).toBe("username=ci\npassword=it's hush\n".repeat(2))
    const noted = await readFile(`${machine.folder}/noted`, 'utf8')
    expect(noted).toContain('-c credential.https://git.test.helper=!f')
    expect(noted).toContain('GIT_TERMINAL_PROMPT=0')
    expect(noted).not.toContain('hush')
    expect(noted).not.toContain(`${machine.folder}/tmp/`)
  })

  test('is not shown by the script that carries it', () => {
    const wish = gitCheckout('/srv/a', { repo, version: 'main', credentials })
    expect(String(wish.probe)).not.toMatch(/hush|aHVzaA/)
    expect(() => gitCheckout('/srv/a', { repo: 'git@git.test:a.git', version: 'main', credentials })).toThrow(
      'https alone',
    )
  })
})
