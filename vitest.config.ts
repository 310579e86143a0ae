import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './test/summary.ts'],
    projects: [
      // Tables of cases keep nothing to themselves: files share what they import. A busy machine makes none of them fail.
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: ['test/unit/secret/**'],
          isolate: false,
          testTimeout: 30_000,
        },
      },
      // A process knows every secret that it ever made: where that is what is tested, each file has it to itself.
      { test: { name: 'unit-secret', include: ['test/unit/secret/**/*.test.ts'], testTimeout: 30_000 } },
      // Shells, sshd and processes of this machine. Layers that are run together take turns in this order.
      {
        test: {
          name: 'machine',
          sequence: { groupOrder: 1 },
          include: ['test/machine/**/*.test.ts'],
          // What one file's tests kill and count are processes of the whole machine.
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'stack',
          sequence: { groupOrder: 2 },
          include: ['test/stack/**/*.test.ts'],
          globalSetup: ['test/stack/setup.ts'],
          // A stack has all of the machine: two that start at once on two cores are late for their own health checks.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'swarm',
          sequence: { groupOrder: 3 },
          include: ['test/swarm/**/*.test.ts'],
          globalSetup: ['test/swarm/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'lab',
          sequence: { groupOrder: 4 },
          include: ['test/lab/**/*.test.ts'],
          globalSetup: ['test/lab/setup.ts'],
          // Five hosts on two cores: the files take turns, and real hosts take real time.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      // Hours of what goes wrong, and what is large: by hand, or at night. Its tables are committed below docs/.
      {
        test: {
          name: 'soak',
          sequence: { groupOrder: 5 },
          include: ['test/soak/**/*.test.ts'],
          exclude: ['test/soak/swarm-*'],
          globalSetup: ['test/lab/setup.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
      // A swarm's hours: on hosts of its own, with those of the lab left alone.
      {
        test: {
          name: 'soak-swarm',
          sequence: { groupOrder: 6 },
          include: ['test/soak/swarm-*.test.ts'],
          globalSetup: ['test/swarm/setup.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
