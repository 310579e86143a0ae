import { UsageError } from '../lib/error.ts'
import { nearest } from '../lib/inventory/nearest.ts'
import { environmentOf } from '../lib/playbook/environment.ts'
import { environmentFlags } from '../lib/playbook/flags.ts'
import { program } from '../lib/playbook/index.ts'

const actions = ['edit', 'show', 'encrypt', 'rekey', 'check', 'keygen'] as const

await program(import.meta, {
  about: 'The encrypted files of an inventory: edit and show them, and choose who can open them',
  arguments: 'edit [FILE]|show [NAME]|encrypt [FILE]|rekey|check|keygen [FILE]',
  example: 'npx zx playbooks/secrets.ts edit --env staging group_vars/db.yaml.age',
  flags: {
    ...environmentFlags,
    file: { about: 'with show: this file alone', value: 'FILE' },
    reveal: { about: 'with show: the values, too' },
  },
  async run(life) {
    const { args, print } = life
    const [word, given, ...rest] = args.positionals
    const action = actions.find((each) => each === word)
    if (action === undefined) throw unknownAction(word)
    const extra = action === 'rekey' || action === 'check' ? given : rest[0]
    if (extra !== undefined) throw new UsageError(`secrets.ts ${action} takes no "${extra}"`)
    for (const flag of ['file', 'reveal'])
      if (args.has(flag) && action !== 'show') throw new UsageError(`--${flag} goes with show`)
    if (action === 'keygen') {
      const { keygen } = await import('../lib/playbook/secrets/keygen.ts')
      await keygen(given, print)
      return 0
    }
    // What is printed elsewhere is redacted; a secret that was asked for is not.
    const out = (text: string) => process.stdout.write(text)
    const { placeOf } = await import('../lib/playbook/secrets/place.ts')
    const place = placeOf(environmentOf(args))
    switch (action) {
      case 'edit': {
        const { editSecrets } = await import('../lib/playbook/secrets/edit.ts')
        await editSecrets(place, given, life)
        return 0
      }
      case 'show': {
        const { showSecrets } = await import('../lib/playbook/secrets/show.ts')
        await showSecrets(place, { name: given, file: args.text('file'), reveal: args.has('reveal') }, out)
        return 0
      }
      case 'encrypt': {
        const { encryptFile, encryptInput } = await import('../lib/playbook/secrets/encrypt.ts')
        await (given === undefined || given === '-'
          ? encryptInput(place, out)
          : encryptFile(place, given, print))
        return 0
      }
      case 'rekey': {
        const { rekey } = await import('../lib/playbook/secrets/rekey.ts')
        await rekey(place, print)
        return 0
      }
      case 'check': {
        const { checkSecrets } = await import('../lib/playbook/secrets/check.ts')
        const { schemasOf } = await import('../lib/engine/play.ts')
        const { everyPlay } = await import('../roles/stack.ts')
        return checkSecrets(place, schemasOf(everyPlay), print)
      }
    }
  },
})

function unknownAction(word: string | undefined): UsageError {
  if (word === undefined) return new UsageError('what shall be done with secrets?', actions.join(', '))
  const near = nearest(word, actions)
  return new UsageError(
    `secrets.ts has no "${word}"`,
    near === undefined ? actions.join(', ') : `did you mean ${near}?`,
  )
}
