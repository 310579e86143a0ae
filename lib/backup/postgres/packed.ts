import { piped, raw, type Script, sh } from '../../script/index.ts'
import { compressing } from '../sealed.ts'
import { alone, inContainer } from './tool.ts'

/*
 * Whatever crosses `docker exec` is copied by Docker several times over, in pieces as small as they were written, which
 * took twice the processor time of pg_dump itself (docs/performance.md). So what is large crosses it compressed, wherever
 * the container has zstd, as those of PostgreSQL mostly do; else the host's does it.
 */

/** By one thread, which is enough for one dump: its memory is of the database's container. */
const compressingInside = sh`nice -n 19 zstd -q -3`

/** What `inContainer` of the same words prints, compressed. What it compresses gives way to what the server serves. */
export function packed(container: string, program: string, ...words: readonly Script[]): Script {
  return whereZstd(
    container,
    inShell(container, piped(raw(`nice -n 19 ${alone}`), compressingInside), program, words),
    piped(inContainer(container, program, ...words), compressing),
  )
}

/** `inContainer` of the same words, which reads what is compressed on the script's standard input. */
export function unpacked(container: string, program: string, ...words: readonly Script[]): Script {
  return whereZstd(
    container,
    inShell(container, piped(sh`zstd -dq`, raw(alone)), program, words),
    piped(sh`zstd -dq`, inContainer(container, program, ...words)),
  )
}

function inShell(container: string, script: Script, program: string, words: readonly Script[]): Script {
  const args = words.reduce((all, word) => sh`${all} ${word}`, raw(''))
  return sh`docker exec -i -u postgres ${container} sh -c ${script.reveal()} sh ${program}${args}`
}

function whereZstd(container: string, inside: Script, outside: Script): Script {
  return sh`if docker exec ${container} sh -c 'command -v zstd && command -v nice' </dev/null >/dev/null 2>&1; then
${inside}
else
${outside}
fi`
}
