import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'
import { Environment, until } from '../../infra/environment.ts'
import { onTerminal } from '../../infra/on-terminal.ts'
import { binary, run } from '../../terraform/terraform.ts'

const password = 'correct-horse-battery'

/** Two hosts with a secret among what they are made with, and a database. */
const configuration = `variable "password" {
  type      = string
  sensitive = true
}
variable "size" { default = "small" }
resource "terraform_data" "host" {
  for_each = toset(["app-1", "app-2"])
  input    = { size = var.size, password = var.password }
}
resource "terraform_data" "db" {
  input            = { holds = "data" }
  triggers_replace = var.size
}
output "size" { value = terraform_data.host["app-1"].output.size }
output "password" {
  value     = var.password
  sensitive = true
}
`
const given = { TF_VAR_password: password }

function environment(text = configuration): Environment {
  const made = new Environment()
  made.write('main.tf', text)
  return made
}

/** One thing that is only made once a test says so: "begun" is there while it is not. */
const slow = (made: Environment) => `resource "terraform_data" "quick" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "cd '${made.scratch}'; touch begun; i=0; until [ -e go ] || [ $i = 300 ]; do sleep 0.2; i=$((i+1)); done"
  }
}
resource "terraform_data" "after" { depends_on = [terraform_data.slow] }
`
const go = (made: Environment) => writeFileSync(join(made.scratch, 'go'), '')
const begun = (made: Environment) => until(() => existsSync(join(made.scratch, 'begun')))

/** What is in folders in memory that a run of infra.ts made, and was not there before: none may be left. */
const all = () =>
  readdirSync('/dev/shm', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^quayside-\w+\/(plan|apply)/.test(name),
  )
const before = new Set(binary === undefined ? [] : all())
const left = () => all().filter((name) => !before.has(name))

describe.skipIf(binary === undefined)('with terraform', { timeout: 180_000 }, () => {
  test('from nothing to what the configuration says, and what it says of itself', async () => {
    using made = environment()
    const planned = await made.infra('plan', given)
    expect(planned).toMatchObject({ code: 3, stderr: '' })
    expect(planned.stdout).toContain(
      '+ terraform_data.host["app-1"] is made\n    input.password: (sensitive)\n',
    )
    expect(planned.stdout).toMatch(/made: 3 are made\nits number is [0-9a-f]{12}: /)
    expect(made.state).toBe(undefined)

    const applied = await made.infra('apply --yes', given)
    expect(applied).toMatchObject({ code: 0, stderr: '' })
    expect(applied.stdout).toMatch(/ {2}made {2}terraform_data\.db\n[\s\S]*made: 3 made in \d+ s\n/)
    expect(made.state?.resources.map(({ name }) => name).sort()).toEqual(['db', 'host'])
    expect(made.isLocked).toBe(false)
    expect(await made.infra('plan', given)).toMatchObject({ code: 0, stdout: 'made: nothing to change\n' })

    const said = await made.infra('output')
    expect(said).toMatchObject({ code: 0, stdout: 'password: (sensitive)\nsize: "small"\n' })
    expect(await made.infra('output size')).toMatchObject({ code: 0, stdout: 'small\n' })
    expect(JSON.parse((await made.infra('output --json')).stdout)).toEqual({ size: 'small' })
    const hidden = await made.infra('output password')
    expect(hidden).toMatchObject({ code: 1, stdout: '' })

    // terraform_data's own output has the value without the mark: it is known by then, and not shown.
    const larger = await made.infra('plan', { ...given, TF_VAR_size: 'large' })
    expect(larger.stdout).toContain(
      '~ terraform_data.host["app-1"] changes\n    input.size: "small" -> "large"\n',
    )
    expect(larger.stdout).toContain('[secret]')
    for (const { stderr, stdout } of [planned, applied, said, hidden, larger])
      expect(stdout + stderr).not.toContain(password)
    expect(left()).toEqual([])
  })

  test('what holds data is neither destroyed nor replaced unless it is named', async () => {
    using made = environment()
    await made.infra('apply --yes', given)
    const before = JSON.stringify(made.state)
    const larger = { ...given, TF_VAR_size: 'large' }
    const refused = await made.infra('apply --yes', larger)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stdout).toContain('± terraform_data.db is replaced')
    expect(refused.stderr).toMatch(
      /terraform_data\.db \(replaced\)\nhint: .* --destroy-data 'terraform_data\.db'/,
    )
    const misnamed = await made.infra('apply --yes --destroy-data terraform_data.do', larger)
    expect(misnamed).toMatchObject({ code: 2, stdout: '' })
    expect(await made.infra('destroy --yes', given)).toMatchObject({ code: 1 })
    expect(JSON.stringify(made.state)).toBe(before)

    const named = ' --destroy-data terraform_data.db'
    expect(await made.infra(`apply --yes${named}`, larger)).toMatchObject({ code: 0 })
    expect(await made.infra(`destroy --yes${named}`, larger)).toMatchObject({ code: 0 })
    expect(made.state?.resources).toEqual([])
  })

  test('a person is asked, and where there is none nothing is begun', async () => {
    using made = environment()
    const alone = await made.infra('apply', given)
    expect(alone).toMatchObject({ code: 2, stdout: '' })
    expect(alone.stderr).toContain('--yes')
    expect(existsSync(join(made.folder, '.terraform'))).toBe(false)
    const asked = (keys: string) =>
      onTerminal(made.words('apply'), { at: 'to made?', answer: (type) => type(keys), env: given })
    const no = await asked('\r')
    expect(no.screen).toContain('nothing was changed')
    expect(no.code).toBe(3)
    const stopped = await asked('\x03')
    expect(stopped.code).toBe(130)
    expect(made.state).toBe(undefined)
    expect((await asked('yes\r')).code).toBe(0)
    expect(made.state?.resources.length).toBe(2)
    expect(left()).toEqual([])
  })

  test('applied is what was shown: neither another plan, nor one of a state that has changed since', async () => {
    using made = environment()
    const [, number = ''] = /its number is (\w+)/.exec((await made.infra('plan', given)).stdout) ?? []
    const other = await made.infra(`apply --yes --expect ${number}`, { ...given, TF_VAR_size: 'large' })
    expect(other).toMatchObject({ code: 1 })
    expect(other.stderr).toContain(`not ${number}`)
    expect(made.state).toBe(undefined)
    expect(await made.infra(`apply --yes --expect ${number}`, given)).toMatchObject({ code: 0 })

    const stale = await onTerminal(made.words('apply'), {
      at: 'to made?',
      answer: async (type) => {
        const aside = await run(['apply', '-auto-approve', '-var=size=medium'], made.folder, '{}', given)
        expect(aside.text).toContain('Apply complete!')
        type('yes\r')
      },
      env: { ...given, TF_VAR_password: `${password}-2` },
    })
    expect(stale.code).toBe(1)
    expect(stale.screen).toContain('the state has changed since this plan was shown')
    expect(made.state?.outputs.size?.value).toBe('medium')
  })

  test('of two at once the second is told who has the lock, since when, and how it is released', async () => {
    using made = environment()
    made.write('main.tf', slow(made))
    const first = made.begin('apply --yes')
    await begun(made)
    // The first holds this machine's lock on the folder, so the second is another checkout's.
    const held = await made.infra('plan')
    expect(held.stderr).toMatch(/is in use: \w+ runs infra.ts apply since 20.*\(process \d+\)/)
    const elsewhere = { TF_DATA_DIR: join(made.scratch, 'data') }
    const refused = await made.infra('apply --yes', elsewhere)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toMatch(
      /the state is locked: \w+@\S+ has it since 20\d\d-\d\d-\d\d [\d:]+ UTC \(apply\)\nhint: .* force-unlock [0-9a-f-]{36}/,
    )
    const waiting = made.infra('apply --yes --lock-timeout 60s', elsewhere)
    go(made)
    const waited = await waiting
    expect(waited).toMatchObject({ code: 0 })
    expect(waited.stdout).toContain('nothing to change')
    expect((await first.ended).code).toBe(0)
  })

  test('Ctrl-C: Terraform ends what it can, and lets go of the lock; what was done is said and is kept', async () => {
    using made = environment()
    made.write('main.tf', slow(made))
    const { child, ended } = made.begin('apply --yes')
    await begun(made)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(130)
    expect(stdout).toContain('made: 1 done, 1 failed (terraform_data.slow)')
    expect(made.isLocked).toBe(false)
    expect(made.state?.resources.map(({ name }) => name).sort()).toEqual(['quick', 'slow'])
    go(made)
    expect(await made.infra('apply --yes')).toMatchObject({ code: 0 })
    expect(left()).toEqual([])
  })

  test.each(['SIGKILL', 'SIGHUP'] as const)(
    'a run that ends by %s in the middle leaves no lock and no half: Terraform goes on by itself',
    async (signal) => {
      using made = environment()
      made.write('main.tf', slow(made))
      const { child, ended } = made.begin('apply --yes')
      await begun(made)
      // The plan is gone as soon as it is read.
      await until(() => left().every((name) => !name.endsWith('/plan')))
      const modes = left().map((name) => statSync(join('/dev/shm', dirname(name))).mode & 0o777)
      expect(new Set(modes)).toEqual(new Set([0o700]))
      child.kill(signal)
      await ended
      expect(made.isLocked).toBe(true)
      go(made)
      await until(() => made.state?.resources.some(({ name }) => name === 'after') === true)
      await until(() => !made.isLocked)
      expect((await made.infra('plan')).stdout).toBe('made: nothing to change\n')
      for (const name of left()) rmSync(join('/dev/shm', dirname(name)), { recursive: true, force: true })
    },
  )

  test('rollback: the configuration as it was, by a plan that is agreed to; today’s variables, and where the state is today', async () => {
    using made = environment()
    made.git('init', '-q')
    made.write('.gitignore', '*.tfvars\n.terraform/\n')
    made.write('terraform.tfvars', `password = "${password}"\nsize = "small"\n`)
    const commit = (text: string, title: string) => {
      made.write('main.tf', text)
      made.git('add', '.')
      made.git('commit', '-qm', title)
    }
    commit(configuration, 'Two app hosts')
    commit(configuration.replace('"app-2"]', '"app-2", "app-3"]'), 'Three app hosts')
    made.git('commit', '-qm', 'Something else', '--allow-empty')
    expect(await made.infra('apply --yes')).toMatchObject({ code: 0 })
    writeFileSync(join(made.folder, 'not-committed.tf'), 'output "no" { value = "no" }')
    const back = await made.infra('rollback --yes')
    expect(back).toMatchObject({ code: 0, stderr: '' })
    expect(back.stdout).toMatch(
      /^made as it was in [0-9a-f]+ [\d-]+ Two app hosts\n- terraform_data\.host\["app-3"\]/,
    )
    expect(back.stdout).toContain('made: 1 destroyed in')
    expect(made.state?.outputs.no).toBe(undefined)
    expect(readFileSync(join(made.folder, 'main.tf'), 'utf8')).toContain('app-3')
    expect(await made.infra('rollback --yes --to HEAD~1')).toMatchObject({ code: 0 })
    expect(await made.infra('rollback --yes --to no-such')).toMatchObject({ code: 2 })
    const [first = ''] = made.git('rev-list', '--max-parents=0', 'HEAD').split('\n')
    // A commit that had the state elsewhere would make all of it a second time.
    made.write('backend.tf', `terraform {\n  backend "local" {\n    path = "${made.scratch}/moved"\n  }\n}\n`)
    await run(['init', '-migrate-state', '-force-copy', '-input=false'], made.folder, '{}')
    const refused = await made.infra(`rollback --yes --to ${first}`)
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('another backend than the one that holds the state')
  })

  test('drift: what is no longer as it was made; exit code 3, and nothing is written', async () => {
    using made = environment()
    const seen = join(made.scratch, 'seen')
    writeFileSync(seen, 'one')
    made.write('seen.tf', `output "seen" { value = file("${seen}") }\n`)
    await made.infra('apply --yes', given)
    expect(await made.infra('drift', given)).toMatchObject({
      code: 0,
      stdout: 'made: all is as it was made\n',
    })
    writeFileSync(seen, 'two')
    const drifted = await made.infra('drift', given)
    expect(drifted).toMatchObject({ code: 3 })
    expect(drifted.stdout).toContain('~ output seen\n    "one" -> "two"\n')
    expect(made.state?.outputs.seen?.value).toBe('one')
  })

  test('what is wrong is told as it is, and a backend’s file holds no secret', async () => {
    using made = environment()
    made.write('main.tf', 'output "x" { value = var.nothing }\n')
    const wrong = await made.infra('plan')
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/Reference to undeclared input variable[\s\S]*nothing/)
    made.write('backend.tfbackend', 'bucket = "b"\nsecret_key = "k"\n')
    const secret = await made.infra('plan')
    expect(secret).toMatchObject({ code: 2 })
    expect(secret.stderr).toContain('holds a secret: secret_key')
    const none = await made.infra('plan --from /nowhere')
    expect(none).toMatchObject({ code: 2 })
    expect((await made.infra('aply')).stderr).toContain('did you mean `apply`?')
    rmSync(join(made.folder, 'backend.tfbackend'))
    const missing = await made.infra('plan --var-file none.tfvars')
    expect(missing.stderr).toContain('none.tfvars')
    const program = await commandLine(made.words('plan').replace(String(binary), 'no-such-terraform'))
    expect(program.stderr).toContain('there is no no-such-terraform on this machine')
  })
})
