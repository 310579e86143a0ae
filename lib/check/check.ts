import { type Play, schemasOf } from '../engine/play.ts'
import { byPlace } from '../inventory/fault.ts'
import { dockerfileFindings } from './dockerfiles.ts'
import type { Finding } from './finding.ts'
import { withoutIgnored } from './ignore.ts'
import { imageFindings } from './images.ts'
import { surveyAll } from './inventories.ts'
import type { Part } from './parts.ts'
import { secretFindings } from './secrets.ts'
import { type Source, sourcesOf } from './sources.ts'
import { tagFindings } from './tags.ts'
import { typeFindings } from './types.ts'
import { variableFindings } from './variables.ts'
import { type WrittenFiles, writtenFindings } from './written.ts'

export interface CheckOptions {
  /** the project's folder: inventory/, playbooks/, roles/ and docker/ are in it */
  readonly root: string
  /** every play whose roles an inventory may hold variables for */
  readonly plays: readonly Play[]
  /** environments; none for all */
  readonly envs: readonly string[]
  readonly skip: readonly Part[]
  /** what is written from a model, where there is any */
  readonly written?: WrittenFiles
}

export interface Checked {
  /** by place */
  readonly findings: readonly Finding[]
  readonly notes: readonly string[]
  /** milliseconds of each part, types beside the others */
  readonly took: ReadonlyMap<Part, number>
  /** how much was looked at */
  readonly inventories: number
  readonly files: number
}

/** Looks for mistakes that can be found without a host. Throws a UsageError for an environment that is none. */
export async function check({ root, plays, envs, skip, written }: CheckOptions): Promise<Checked> {
  const took = new Map<Part, number>()
  const timed = async <T>(part: Part, otherwise: T, look: () => T | Promise<T>): Promise<T> => {
    if (skip.includes(part)) return otherwise
    const started = performance.now()
    try {
      return await look()
    } finally {
      took.set(part, performance.now() - started)
    }
  }
  const schemas = schemasOf(plays)
  const nothing: readonly Finding[] = []
  // The compiler is a process of its own: the rest is done while it works.
  const types = timed('types', nothing, () => typeFindings(root))
  types.catch(() => undefined)
  const sources = (await sourcesOf(root)).filter((source) => isMeant(source, envs))
  const started = performance.now()
  const surveyed = await surveyAll(root, envs, schemas)
  took.set('inventories', performance.now() - started)
  const findings = [
    ...(skip.includes('inventories') ? nothing : surveyed.findings),
    ...(await timed('variables', nothing, () =>
      surveyed.surveys.flatMap((each) => variableFindings(each, schemas)),
    )),
    ...(await timed('tags', nothing, () => tagFindings(sources, plays))),
    ...(await timed('images', nothing, () => imageFindings(sources, schemas))),
    ...(await timed('dockerfiles', nothing, () => dockerfileFindings(sources))),
    ...(await timed('secrets', nothing, () => secretFindings(sources))),
    ...(written === undefined
      ? nothing
      : await timed('written', nothing, () => writtenFindings(root, written))),
    ...(await types),
  ]
  return {
    findings: [...withoutIgnored(once(findings), sources, skip.length === 0)].sort(byPlace),
    notes: surveyed.notes,
    took,
    inventories: surveyed.surveys.length,
    files: sources.length,
  }
}

/** With --env, the files of other environments are left alone. */
function isMeant({ path }: Source, envs: readonly string[]): boolean {
  const [, env] = /^inventory\/([^/]+)\//.exec(path) ?? []
  return env === undefined || envs.length === 0 || envs.includes(env)
}

/** A secret in plain text is found by its variable's schema and by its name: once is enough. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ kind, file, line }) => {
    const key = kind === 'plain-secret' ? `${file}:${line}` : ''
    if (key === '') return true
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
