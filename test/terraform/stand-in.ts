import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { type Attribute, type Block, providers, schemaOf, type Type } from './schema.ts'
import { folder } from './terraform.ts'

/** Providers that know what there is and make nothing: Terraform itself does the checking. */
export interface StandIns extends AsyncDisposable {
  /** for the environment of terraform: TF_REATTACH_PROVIDERS */
  readonly reattach: string
}

// Of the protocol's Schema.NestedBlock.NestingMode and Schema.Object.NestingMode.
const nesting = { single: 1, list: 2, set: 3, map: 4 } as const

/** What a provider finds of a thing that was made: its state, as it came, or changed by somebody since. */
export type Found = (type: string, state: DynamicValue) => DynamicValue

/** A value as it travels: in MessagePack. */
export interface DynamicValue {
  readonly msgpack: Buffer
}

/** Serves the schemas of all three clouds' providers on sockets of this machine. */
export async function standIns(found: Found = (_, state) => state): Promise<StandIns> {
  const sockets = mkdtempSync(join(tmpdir(), 'providers-'))
  const proto = fileURLToPath(new URL('./tfplugin6.proto', import.meta.url))
  const loaded = grpc.loadPackageDefinition(loadSync(proto, { keepCase: true }))
  const { service } = (loaded.tfplugin6 as unknown as { Provider: { service: grpc.ServiceDefinition } })
    .Provider
  const servers: grpc.Server[] = []
  const reattach: Record<string, unknown> = {}
  for (const provider of providers) {
    const schema = schemaOf(provider)
    const server = new grpc.Server({ 'grpc.max_send_message_length': -1 })
    server.addService(service, answers(provider, found))
    const socket = join(sockets, provider)
    await new Promise<void>((done, failed) =>
      server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? failed(error) : done(),
      ),
    )
    servers.push(server)
    const Addr = { Network: 'unix', String: socket }
    reattach[schema.source] = { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr }
  }
  return {
    reattach: JSON.stringify(reattach),
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.forceShutdown()
      rmSync(sockets, { recursive: true })
    },
  }
}

type Answer = (
  call: { request: Record<string, unknown> },
  done: (error: null, answer: object) => void,
) => void

/** A provider's whole protocol: what it would plan is what it is asked for. */
function answers(provider: (typeof providers)[number], found: Found): Record<string, Answer> {
  const answer =
    (of: (request: Record<string, unknown>) => object): Answer =>
    (call, done) =>
      done(null, of(call.request))
  const nothing = answer(() => ({}))
  return {
    GetProviderSchema: answer(() => schemaInUse(provider)),
    ValidateProviderConfig: nothing,
    ValidateResourceConfig: nothing,
    ValidateDataResourceConfig: nothing,
    ConfigureProvider: nothing,
    StopProvider: nothing,
    UpgradeResourceState: answer(({ raw_state }) => ({ upgraded_state: raw_state })),
    ReadResource: answer(({ type_name, current_state }) => ({
      new_state: found(String(type_name), current_state as DynamicValue),
    })),
    PlanResourceChange: answer(({ proposed_new_state }) => ({ planned_state: proposed_new_state })),
    ApplyResourceChange: answer(({ planned_state }) => ({ new_state: planned_state })),
    ReadDataSource: answer(({ config }) => ({ state: config })),
  }
}

function schemaInUse(provider: (typeof providers)[number]): object {
  const schema = schemaOf(provider)
  const inUse = typesInUse()
  // Of some thousand types only ours: Terraform reads all of them before it begins.
  const all = (blocks: Readonly<Record<string, Block>>) =>
    Object.fromEntries(
      Object.entries(blocks)
        .filter(([type]) => inUse.has(type))
        .map(([type, b]) => [type, { version: 0, block: block(b) }]),
    )
  return {
    provider: { version: 0, block: block(schema.provider) },
    resource_schemas: all(schema.resources),
    data_source_schemas: all(schema.data),
    server_capabilities: { get_provider_schema_optional: true },
  }
}

/** Types of resources and data that terraform/ names. */
function typesInUse(): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tf'),
  )
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'))
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/^(?:resource|data) "(\w+)"/gm)].map(([, type]) => type ?? '')),
  )
}

function block({ attrs, blocks }: Block): object {
  return {
    attributes: Object.entries(attrs).map(([name, each]) => attribute(name, each)),
    block_types: Object.entries(blocks).map(([type_name, { n, min, max, b }]) => ({
      type_name,
      nesting: nesting[n],
      min_items: min,
      max_items: max,
      block: block(b),
    })),
  }
}

function attribute(name: string, { c, nested, o, r, t }: Attribute): object {
  // By this ending the providers themselves tell what is written and never kept.
  const write_only = name.endsWith('_wo')
  const base = { name, required: !!r, optional: !!o, computed: !!c && !write_only, write_only }
  if (!nested) return { ...base, type: bytes(t ?? 'dynamic') }
  if (nested.blk) return { ...base, type: bytes([nested.n, objectType(nested.b)]) }
  const { attrs, blocks } = nested.b
  const inner = [
    ...Object.entries(attrs).map(([key, each]) => attribute(key, each)),
    ...Object.entries(blocks).map(([key, { b, n }]) => attribute(key, { nested: { n, b }, o: 1 })),
  ]
  return { ...base, nested_type: { nesting: nesting[nested.n], attributes: inner } }
}

function objectType({ attrs, blocks }: Block): Type {
  const types = [
    ...Object.entries(attrs).map(([key, { nested, t }]) => [
      key,
      t ?? (nested ? [nested.n, objectType(nested.b)] : 'dynamic'),
    ]),
    ...Object.entries(blocks).map(([key, { b, n }]) => [key, [n, objectType(b)]]),
  ]
  return ['object', Object.fromEntries(types)]
}

function bytes(type: Type): Buffer {
  return Buffer.from(JSON.stringify(type))
}
