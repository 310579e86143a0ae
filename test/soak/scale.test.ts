import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Outcome, playbook } from '../lab/playbook.ts'
import { type Kind, type ScaleFleet, startFleet } from './scale/fleet.ts'

describe('200 hosts, 20 of them not well', () => {
  let fleet: ScaleFleet
  let run: Outcome
  beforeAll(async () => {
    fleet = await startFleet()
    run = await playbook('test/soak/scale/playbook.ts', [
      ...['--env', 'scale', '--inventory', fleet.inventory, '-v'],
    ])
  })
  afterAll(() => fleet?.close())

  const named = (kind: Kind) => fleet.hosts.filter((host) => host.kind === kind).map(({ name }) => name)
  const state = (name: string) => new RegExp(`^ +${name} .* (\\w+)$`, 'm').exec(recap())?.[1]
  const recap = () => run.stdout.slice(run.stdout.lastIndexOf('  host '))
  const said = (name: string) =>
    new RegExp(`^ +${name} +unreachable (.*)$`, 'm').exec(run.stdout)?.[1] ?? `state ${state(name)}`

  test('it ends within its timeouts, and with the exit code for hosts that were not reached', () => {
    expect(run.output).not.toContain('fault in Quayside')
    expect(run.code).toBe(4)
  })

  test('the other 180 are converged', async () => {
    const failed = named('good').filter((name) => state(name) !== 'ok')
    expect(failed.map((name) => `${name}: ${said(name)}`)).toEqual([])
    const there = await fleet.inside('cd /srv/scale && cat */name')
    expect(there.split('\n').filter(Boolean).sort()).toEqual(named('good').sort())
  })

  test.each<[Kind, number, RegExp]>([
    ['refused', 5, /^127\.3\.0\.\d+ port 22023 refused the connection$/],
    ['black-holed', 5, /^no answer from 127\.3\.0\.\d+ port 22023 in 4 s while reaching it$/],
    ['silent', 3, /^no answer from 127\.3\.0\.\d+ port 22023 in 4 s while negotiating with sshd$/],
    ['stalled', 2, /^no answer from 127\.3\.0\.\d+ port 22023 in 25 s while starting a shell$/],
    ['changed', 5, /^the host key of 127\.3\.0\.\d+ port 22023 has changed: it shows ssh-ed25519 SHA256:/],
  ])('each %s host is reported for what it is', (kind, count, why) => {
    const names = named(kind)
    expect(names).toHaveLength(count)
    for (const name of names) {
      expect(state(name)).toBe('unreachable')
      expect(said(name)).toMatch(why)
    }
  })

  test('nothing is left behind on the hosts', async () => {
    const sessions = `for each in /proc/[0-9]*; do tr '\\0' ' ' <$each/cmdline; echo; done 2>/dev/null |
      grep -e '^sshd-session' -e '^/bin/sh' -e '^cat $' | sort | uniq -c`
    let left = 'unknown'
    for (let tried = 0; tried < 50 && left !== ''; tried += 1) {
      left = (await fleet.inside(sessions)).trim()
      if (left !== '') await sleep(200)
    }
    expect(left).toBe('')
  })
})
