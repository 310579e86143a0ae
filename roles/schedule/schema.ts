import { secret, type VarsOf } from '../../lib/inventory/schema.ts'

const words = { type: 'array', items: { type: 'string' } } as const

/** Variables of the schedule role; what stands on schedule_host holds. */
export const scheduleVars = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    schedule_host: {
      type: 'string',
      description:
        'the host that runs the jobs, by its name in the inventory; one with connection: local is this machine',
    },
    schedule_by: {
      enum: ['systemd', 'cron'],
      default: 'systemd',
      description: 'timers, or lines of cron: a run that was missed is caught up by both',
    },
    schedule_project: {
      type: 'string',
      pattern: '^/[^\\n]*$',
      default: '/opt/quayside',
      description: 'where this project is checked out on that host, with its node_modules',
    },
    schedule_user: {
      type: 'string',
      pattern: '^[a-z_][a-z0-9_-]*$',
      default: 'root',
      description: 'who runs the jobs: its keys and known hosts are what they reach the other hosts by',
    },
    schedule_path: {
      type: 'string',
      pattern: '^/[^\\n]*$',
      default: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      description: 'PATH of the jobs: node must be in it',
    },
    schedule_jobs: {
      type: 'object',
      default: {
        backup: { at: '02:15' },
        drill: { at: '04:15', days: ['sun'] },
        prune: { at: '06:15' },
      },
      propertyNames: { pattern: '^[a-z][a-z0-9_]*$' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          at: {
            type: 'string',
            pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
            default: '02:15',
            description: "by the host's own clock",
          },
          every_hours: { enum: [1, 2, 3, 4, 6, 8, 12], description: 'from `at` on, round the clock' },
          every_minutes: {
            enum: [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30],
            description: 'instead of `at`',
          },
          days: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
            description: 'every day unless given',
          },
          day_of_month: { type: 'integer', minimum: 1, maximum: 28, description: 'instead of days' },
          jitter_minutes: {
            type: 'integer',
            minimum: 0,
            maximum: 240,
            default: 10,
            description: 'runs are put off by up to that, so that not everything begins at once',
          },
          args: { ...words, default: [], description: 'more words for the playbook' },
          run: {
            ...words,
            minItems: 1,
            description: "what is run in the project's folder, of a job with a name of its own",
          },
        },
      },
      description: 'backup, copy, drill and prune are the playbooks of that name; any other name needs `run`',
    },
    schedule_environment: {
      type: 'object',
      default: {},
      propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' },
      additionalProperties: { type: 'string', pattern: '^[^\\n]*$' },
      description: 'variables of the jobs: paths of keys, for example',
    },
    schedule_secrets: {
      type: 'object',
      default: {},
      propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' },
      additionalProperties: secret,
      description: "secret variables of the jobs, from a file that is schedule_user's alone",
    },
    schedule_ping_url: {
      ...secret,
      description:
        "of a dead man's switch, called after each run that went well, and with /fail behind it after others; {job} in it is the job's name",
    },
    schedule_metrics_dir: {
      type: 'string',
      pattern: '^(/[^\\n]*)?$',
      default: '/var/lib/quayside/metrics',
      description: "folder that node_exporter's textfile collector reads; empty for no metrics",
    },
  },
} as const

export type ScheduleVars = VarsOf<typeof scheduleVars>
