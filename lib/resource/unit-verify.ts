import { posix } from 'node:path'
import { feed, quote, type Script, sh } from '../script/index.ts'
import { sha256 } from './content.ts'
import { Conflict } from './resource.ts'
import { unitSettings } from './unit-settings.ts'

/** A unit file or drop-in that systemd is asked about before it takes its place. */
export interface UnitFile {
  /** the unit that it belongs to: "app.service", "nginx.service" */
  readonly unit: string
  /** where it stands below /etc/systemd/system: "app.service", "nginx.service.d/limits.conf" */
  readonly place: string
  readonly text: string
}

/**
 * Asks systemd what it thinks of a file that is not there yet, in a scratch directory which its other units stand
 * behind; prints nothing where $sum says that the file is in place already. `beside` puts more into "$dir".
 */
export function verifyScript({ unit, place, text }: UnitFile, beside: Script = sh``): Script {
  const tries = calendars(text).map(
    (each, index) => sh`LC_ALL=C systemd-analyze calendar -- ${each} >/dev/null 2>&1 || echo calendar=${index}
`,
  )
  return sh`[ "\${sum-}" = ${sha256(text)} ] || (
umask 022
dir=$(mktemp -d) || exit 1
trap 'rm -rf -- "$dir"' EXIT
chmod 0755 "$dir"
mkdir -p -- "$dir"/${posix.dirname(place)}
base64 -d >"$dir"/${place}${feed(text)}${beside}
${tries.reduce((script, each) => sh`${script}${each}`, sh``)}said=$(LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_TARGET=console \\
  systemd-analyze verify --man=no "$dir"/${unit} 2>&1 </dev/null) && code=0 || code=$?
printf 'scratch=%s\\nverified=%s\\nsaid=%s\\n' "$dir" $code "$(printf %s "$said" | base64 -w 0)"
)`
}

/**
 * What systemd thinks of the file. A Conflict for what is wrong in itself: a setting that it would ignore, a value that
 * it cannot read, a service that has nothing to start. What the host lacks for it (a program, another unit) is told
 * apart, since an earlier change may bring that. All else is a remark: a unit with User=nobody is "not safe", and works.
 */
export function verdict(file: UnitFile, found: ReadonlyMap<string, string>): { readonly lacks?: string } {
  const bad = found.get('calendar')
  if (bad !== undefined) throw badCalendar(file, calendars(file.text)[Number(bad)] ?? '')
  const code = found.get('verified')
  if (code === undefined) return { lacks: 'systemd-analyze could not be asked about it' }
  const said = Buffer.from(found.get('said') ?? '', 'base64').toString('utf8')
  const lines = said
    .replaceAll(`${found.get('scratch')}/`, '')
    .split('\n')
    .filter(Boolean)
  // With the number of a line: of a wish for a unit that is not there it says that it ignores that, and rightly.
  const own = lines.filter((line) => /^:\d/.test(line.replace(file.place, '')))
  // A system call that this architecture has not is left out of a filter, and that is as it should be.
  const ignored = own.filter((line) => /ignoring/i.test(line) && !/system call/i.test(line))
  if (ignored.length > 0) throw refused(file, 'systemd would ignore a part of it', ignored)
  if (code === '0') return {}
  const errors = lines.filter((line) => !/^\/\S+:\d+: /.test(line))
  if (errors.some((line) => /bad unit file setting|Refusing\b/.test(line))) {
    throw refused(file, 'systemd refuses it', errors)
  }
  const missing = errors.filter((line) => !own.includes(line))
  return { lacks: `systemd would not start it: ${missing.join('; ') || `code ${code}`}` }
}

/** A value with a specifier is only known once the unit is loaded. */
function calendars(text: string): readonly string[] {
  return (unitSettings(text).get('Timer.OnCalendar') ?? []).filter((each) => !each.includes('%'))
}

function badCalendar({ place }: UnitFile, value: string): Conflict {
  return new Conflict(`${place}: OnCalendar=${value} is no time that systemd knows`, {
    hint: `try one with: systemd-analyze calendar ${quote(value)}; man systemd.time has the forms`,
  })
}

function refused({ place }: UnitFile, what: string, lines: readonly string[]): Conflict {
  return new Conflict(`${place}: ${what}: ${lines.join('; ')}`, {
    hint: 'mend the unit; what stands on the host was left as it is (man systemd.directives lists all settings)',
  })
}
