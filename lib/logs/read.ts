import { type Entry, serviceOf } from './entry.ts'
import { formOf } from './form.ts'

/** A line as `docker logs --timestamps` prints it. */
const stamped = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ?(.*)$/

/** One line, and when Docker took it: RFC 3339 with nanoseconds. */
export interface Line {
  readonly time: string
  readonly said: string
}

/**
 * What a container said, from the text of `docker logs --timestamps`. What came before the first stamp is left out.
 */
export function entriesOf(host: string, container: string, text: string): readonly Entry[] {
  const lines = text.split('\n').flatMap((line) => {
    const [, time, said] = stamped.exec(line) ?? []
    return time === undefined || said === undefined ? [] : [{ time: nanoseconds(time), said }]
  })
  return entriesOfLines(host, container, lines)
}

/** The same from its lines. One that goes on with the one before (of PostgreSQL, or of a traceback) is part of its entry. */
export function entriesOfLines(host: string, container: string, lines: readonly Line[]): readonly Entry[] {
  const service = serviceOf(container)
  const form = formOf(service)
  const found: { time: string; lines: string[] }[] = []
  for (const { said, time } of lines) {
    if (said.trim() === '') continue
    const last = found.at(-1)
    if (last !== undefined && form.goesOn(said)) last.lines.push(said)
    else found.push({ time, lines: [said] })
  }
  return found.map(({ lines, time }) => {
    const raw = lines.join('\n')
    return { time, host, container, service, raw, ...form.read(raw) }
  })
}

/** Docker leaves out zeros at the end, and then text would not sort as time does. */
export function nanoseconds(time: string): string {
  const [, seconds = '', fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(time) ?? []
  return `${seconds}.${fraction.padEnd(9, '0')}Z`
}
