const most = 10_000
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * The names that a host name with ranges stands for, as Ansible expands it: `web[01:20].example.com` (both ends count,
 * zeros in front are kept), `db-[a:f]`, `[1:9:2]` with a step, several ranges in one name. Throws an Error that says
 * what is wrong with a range.
 */
export function expandRange(name: string): readonly string[] {
  const found = /^([^[\]]*)\[([^[\]]*)\](.*)$/s.exec(name)
  if (found === null) return [name]
  const [, head = '', range = '', tail = ''] = found
  const tails = expandRange(tail)
  const places = valuesOf(range)
  if (places.length * tails.length > most) throw new Error(`\`${name}\` stands for more than ${most} hosts`)
  return places.flatMap((place) => tails.map((rest) => `${head}${place}${rest}`))
}

function valuesOf(range: string): readonly string[] {
  const [from = '', to = '', by = '1', ...more] = range.split(':')
  const step = Number(by)
  if (more.length > 0 || !/^\d+$/.test(by) || step === 0) throw wrong(range)
  if (/^[a-zA-Z]$/.test(from) && /^[a-zA-Z]$/.test(to)) {
    const places = counted(range, letters.indexOf(from), letters.indexOf(to), step)
    return places.map((index) => letters.charAt(index))
  }
  if (!/^\d*$/.test(from) || !/^\d+$/.test(to)) throw wrong(range)
  const padded = from.length > 1 && from.startsWith('0')
  if (padded && from.length !== to.length)
    throw new Error(`\`[${range}]\`: both ends must have as many digits where the first begins with 0`)
  const width = padded ? from.length : 0
  return counted(range, Number(from), Number(to), step).map((value) => String(value).padStart(width, '0'))
}

function counted(range: string, from: number, to: number, step: number): readonly number[] {
  if (from > to) throw new Error(`\`[${range}]\` runs downwards`)
  const count = Math.floor((to - from) / step) + 1
  if (count > most) throw new Error(`\`[${range}]\` stands for more than ${most} hosts`)
  return Array.from({ length: count }, (_, index) => from + index * step)
}

function wrong(range: string): Error {
  return new Error(`\`[${range}]\` is no range: it is \`[first:last]\` or \`[first:last:step]\``)
}
