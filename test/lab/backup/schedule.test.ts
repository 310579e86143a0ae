import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bareInventory } from '../fixtures/inventory.ts'
import { onHost } from '../lab-host.ts'
import { inLab } from '../playbook.ts'

/** Timers on one host and cron on another, so that both are waited for at once. */
const ways = [
  { host: 'edge-1', by: 'systemd' },
  { host: 'edge-2', by: 'cron' },
] as const
const project = '/srv/quayside-schedule'
const token = 'a-token-that-nobody-is-to-see'
const inventory = bareInventory()

const left = `find /etc /var/lib /var/log /usr/local ${project} ! -path '/var/lib/docker/*' '(' -name 'quayside-lab-*' -o -name 'quayside_*' -o -name 'run-job' -o -path '*/quayside/schedule*' -o -path '/var/log/quayside*' -o -path '${project}*' -o -name 'stamp-quayside-lab-*' -o -name 'quayside-schedule-*' ')' 2>/dev/null || :
systemctl list-units --all -q --plain --no-legend 'quayside-lab-*'`
const had = new Map<string, string>()

beforeAll(async () => {
  for (const { host } of ways) {
    had.set(host, await onHost(host, `dpkg-query -W -f '\${Package} ' cron logrotate 2>/dev/null || :`))
    await onHost(host, `mkdir -p ${project}`)
  }
})

afterAll(async () => {
  for (const { host } of ways) {
    await schedule(host, 'systemd', 'remove')
    const ours = ['cron', 'logrotate'].filter((name) => !had.get(host)?.includes(name))
    const purge =
      ours.length === 0
        ? ':'
        : `DEBIAN_FRONTEND=noninteractive apt-get purge -qq ${ours.join(' ')} >/dev/null`
    await onHost(host, `rm -rf ${project}; ${purge}`)
  }
  rmSync(inventory, { recursive: true })
})

/** A job each minute that says what it was given, and one each year that is never run here. */
function args(host: string, by: string, action: string, more: Record<string, unknown> = {}): string[] {
  const vars = {
    schedule_host: host,
    schedule_by: by,
    schedule_project: project,
    schedule_metrics_dir: `${project}/metrics`,
    schedule_environment: { GREETING: `it's "100%" $HOME` },
    schedule_secrets: { TOKEN: { from_env: 'SCHEDULE_TOKEN' } },
    schedule_jobs: {
      standin: {
        every_minutes: 1,
        jitter_minutes: 0,
        run: ['sh', '-c', 'echo "said: $GREETING"; printf %s "$TOKEN" | sha256sum >>ran; pwd >>ran'],
      },
      yearly: { day_of_month: 1, run: ['true'] },
    },
    ...more,
  }
  return [action, '--inventory', inventory, '--extra-vars', JSON.stringify(vars)]
}

const schedule = (host: string, by: string, action: string, more?: Record<string, unknown>) =>
  inLab('schedule', args(host, by, action, more), { env: { SCHEDULE_TOKEN: token } })

/** Waits until a script on the host ends with 0, and gives what it printed. */
async function until(host: string, script: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await onHost(host, script)
    } catch (error) {
      if (tries > 45) throw error
      await sleep(2000)
    }
  }
}

describe.sequential('a schedule', () => {
  test('is installed, and is in place from then on', async () => {
    for (const { host, by } of ways) {
      const { code, output } = await schedule(host, by, 'install')
      expect(code, output).toBe(0)
      expect(output).not.toContain(token)
      const again = await schedule(host, by, 'install')
      expect(again.output).toMatch(new RegExp(`${host} +\\d+ +0 +0 +ok`))
    }
  })

  test.each(ways)('$by runs the job on $host, which is measured and logged', async ({ host, by }) => {
    await until(
      host,
      `grep -q 'runs_total{env="lab",job="standin"} [1-9]' ${project}/metrics/quayside_job_lab-standin.prom`,
    )
    const ran = await onHost(host, `head -n 2 ${project}/ran; printf %s ${token} | sha256sum`)
    const [given, where, wanted] = ran.trim().split('\n')
    expect(given).toBe(wanted)
    expect(where).toBe(project)
    const metrics = await onHost(host, `cat ${project}/metrics/quayside_job_lab-standin.prom`)
    expect(metrics).toContain('quayside_job_exit_code{env="lab",job="standin"} 0\n')
    const log = await onHost(
      host,
      by === 'cron'
        ? 'cat /var/log/quayside/lab-standin.log'
        : 'journalctl -q -o cat -u quayside-lab-standin',
    )
    expect(log).toContain(`said: it's "100%" $HOME\n`)
    expect(log).toMatch(/lab-standin: done after \d+ s/)
    const { output } = await schedule(host, by, 'list')
    expect(output).toMatch(new RegExp(`standin +${by} +every 1 min +\\S.* \\d\\d:\\d\\d.*, well, \\d+ s`))
    expect(output).toMatch(/yearly .* none yet/)
  })

  test.each(ways)('no secret is where others on $host may read it', async ({ host }) => {
    const files = await onHost(
      host,
      `grep -rl ${token} /etc /var/lib/quayside /var/log/quayside ${project} 2>/dev/null || :`,
    )
    expect(files).toBe('/etc/quayside/schedule/lab.env\n')
    expect(await onHost(host, 'stat -c %a:%U /etc/quayside/schedule/lab.env')).toBe('600:root\n')
  })

  test('the log is rotated by a rule that logrotate takes', async () => {
    await onHost(
      'edge-2',
      'logrotate -d /etc/logrotate.d/quayside-schedule-lab 2>&1 | grep -q lab-standin.log',
    )
    await onHost('edge-2', 'logrotate -f -s /dev/null /etc/logrotate.d/quayside-schedule-lab')
    expect(await onHost('edge-2', 'ls /var/log/quayside')).toContain('lab-standin.log.1')
  })

  test('another way takes the place of the first, and a job that left the inventory is gone', async () => {
    const jobs = { schedule_jobs: { yearly: { day_of_month: 1, run: ['true'] } }, schedule_secrets: {} }
    const { code, output } = await schedule('edge-2', 'systemd', 'install', jobs)
    expect(code, output).toBe(0)
    expect(
      await onHost('edge-2', 'ls /etc/cron.d /etc/quayside/schedule /var/lib/quayside/schedule'),
    ).not.toMatch(/quayside-lab|standin/)
    expect(await onHost('edge-2', 'systemctl is-enabled quayside-lab-yearly.timer')).toBe('enabled\n')
  })

  test.each(ways)('removed, it leaves nothing on $host', async ({ host }) => {
    await until(
      host,
      'flock -n /var/lib/quayside/schedule/lab-standin.lock true || [ ! -e /var/lib/quayside/schedule/lab-standin.lock ]',
    )
    const { code, output } = await schedule(host, 'systemd', 'remove')
    expect(code, output).toBe(0)
    await onHost(host, `rm -rf ${project}`)
    expect(await onHost(host, left)).toBe('')
    expect((await schedule(host, 'systemd', 'list')).output).toContain('no jobs are installed')
  })
})
