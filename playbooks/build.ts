import { UsageError } from '../lib/error.ts'
import { program } from '../lib/playbook/index.ts'

await program(import.meta, {
  about: "Build the sample app's images from docker/ and push them to the lab's registry",
  example: 'npx zx playbooks/build.ts --env lab --release v2',
  flags: {
    env: { about: 'lab, the only one that builds here', value: 'NAME', short: 'e' },
    release: { about: 'the tag to build under; a hash of the sources unless told', value: 'TAG', short: 'r' },
  },
  async run({ args, print }) {
    if (args.text('env') !== 'lab')
      throw new UsageError(
        'build.ts builds for the lab: --env lab',
        'elsewhere your CI pushes images to your registry',
      )
    const { ensureStandIns, labUp } = await import('../lib/lab/index.ts')
    const { buildSample, sampleRelease } = await import('../lib/lab/sample.ts')
    await labUp({ log: print })
    await ensureStandIns(print)
    await buildSample(args.text('release') ?? (await sampleRelease()), print, args.count('verbose') > 0)
    return 0
  },
})
