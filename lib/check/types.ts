import { spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { QuaysideError, UsageError } from '../error.ts'
import { shownPath } from '../inventory/fault.ts'
import { type Finding, finding } from './finding.ts'

/** What TypeScript says of the whole project: playbooks, roles, and all that they are written in. */
export async function typeFindings(root: string): Promise<readonly Finding[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  if (!existsSync(tsc)) throw new UsageError('TypeScript is not installed here', 'npm ci')
  const { code, output } = await run(root, tsc)
  const findings = readTsc(output, (path) => shownPath(join(root, path)))
  if (code !== 0 && findings.length === 0)
    throw new QuaysideError(`tsc ended with ${code}: ${output.trim().slice(-2000)}`)
  return findings
}

/** Reads tsc's plain output; lines that are set in say more of the one before. */
export function readTsc(output: string, shown: (path: string) => string): readonly Finding[] {
  const findings: Finding[] = []
  for (const line of output.split(/\r?\n/)) {
    const [, path, row, column, message] = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line) ?? []
    const [, global] = /^error (TS\d+: .*)$/.exec(line) ?? []
    const last = findings.at(-1)
    if (path !== undefined && message !== undefined)
      findings.push(
        finding('types', { file: shown(path), line: Number(row), column: Number(column) }, message),
      )
    else if (global !== undefined)
      findings.push(finding('types', { file: shown('tsconfig.json'), line: 1, column: 1 }, global))
    else if (last !== undefined && /^\s+\S/.test(line))
      findings[findings.length - 1] = { ...last, hint: [last.hint, line.trim()].filter(Boolean).join('; ') }
  }
  return findings
}

/** What has not changed since the last time is not looked at again: seconds less. Only in a node_modules of its own. */
function remembered(root: string): readonly string[] {
  const modules = join(root, 'node_modules')
  if (lstatSync(modules).isSymbolicLink()) return []
  return ['--incremental', '--tsBuildInfoFile', join(modules, '.cache/quayside/check.tsbuildinfo')]
}

function run(root: string, tsc: string): Promise<{ code: number; output: string }> {
  const words = ['--noEmit', '--pretty', 'false', '-p', root, ...remembered(root)]
  const child = spawn(process.execPath, [tsc, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
