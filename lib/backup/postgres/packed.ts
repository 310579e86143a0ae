import { piped, raw, type Script, sh } from '../../script/index.ts'
import { compressing } from '../sealed.ts'
import { into, outOf, withPipe } from './crossing.ts'
import { alone } from './tool.ts'

/*
 * What is large is compressed on its way out of the container, and unpacked when it is in, wherever that has zstd, as those
 * of PostgreSQL mostly do; else the host's does it.
 */

/** By one thread, which is enough for one dump: its memory is of the database's container. */
const compressingInside = sh`nice -n 19 zstd -q -3`

/** What a program of the container prints, compressed. What it compresses gives way to what the server serves. */
export function packed(container: string, program: string, ...args: readonly Script[]): Script {
  const words = [sh`${program}`, ...args]
  return whereZstd(
    container,
    outOf({ container, text: piped(raw(`nice -n 19 ${alone}`), compressingInside), words }),
    piped(outOf({ container, text: raw(`exec ${alone}`), words }), compressing),
  )
}

/**
 * A program of the container, which reads what is compressed on the script's standard input; `by` is what in the container
 * passes it on.
 */
export function unpacked(container: string, program: string, args: Script = raw(''), by?: Script): Script {
  const words = [sh`${program}`, args]
  const passed = by === undefined ? [] : [by]
  return whereZstd(
    container,
    into({ container, text: piped(sh`zstd -dq`, ...passed, raw(alone)), words }),
    piped(sh`zstd -dq`, into({ container, text: piped(...passed, raw(alone)), words })),
  )
}

function whereZstd(container: string, inside: Script, outside: Script): Script {
  const also = 'command -v zstd >/dev/null && command -v nice >/dev/null && echo zstd'
  return withPipe(
    container,
    also,
    sh`if [ "$has" = zstd ]; then
${inside}
else
${outside}
fi`,
  )
}
