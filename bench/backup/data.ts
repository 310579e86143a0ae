/**
 * A database of more than 2 GB with what real ones have: text, partitions, generated columns, foreign keys, vectors with an
 * HNSW index, values and large objects that no compression makes smaller, and names that need quotes. Each statement is SQL
 * of its own; `scale` 1 is the whole of it.
 */
export function largeDatabase(scale = 1): readonly { readonly what: string; readonly sql: string }[] {
  const n = (rows: number) => Math.max(1, Math.round(rows * scale))
  return [
    { what: 'extensions', sql: 'create extension vector; create extension pgcrypto' },
    {
      what: `${n(1_000_000)} documents, with a generated column`,
      sql: `create table documents (id bigint generated always as identity primary key, title text not null, body text not null,
  length int generated always as (length(body)) stored, at timestamptz not null);
insert into documents (title, body, at)
  select 'document ' || g, (select string_agg(md5(g::text || k), ' ') from generate_series(1, 20) k),
    timestamptz '2026-01-01' + g * interval '20 seconds' from generate_series(1, ${n(1_000_000)}) g;
create index documents_title on documents (title)`,
    },
    {
      what: `${n(3_000_000)} events in four partitions, each of a document`,
      sql: `create table events (id bigint not null, document bigint not null references documents, kind text not null, payload jsonb, quarter int not null)
  partition by list (quarter);
create table events_1 partition of events for values in (1);
create table events_2 partition of events for values in (2);
create table events_3 partition of events for values in (3);
create table "events of ""Q4""" partition of events for values in (4);
insert into events select g, 1 + (g::bigint * 7919) % ${n(1_000_000)}, (array['seen', 'read', 'liked', 'shared'])[1 + g % 4],
  jsonb_build_object('agent', md5(g::text), 'ms', g % 4000), 1 + g % 4 from generate_series(1, ${n(3_000_000)}) g;
alter table events add primary key (id, quarter);
create index events_document on events (document)`,
    },
    {
      what: `${n(60_000)} vectors of 384 dimensions, with HNSW`,
      sql: `create table items (id int primary key, document bigint references documents, e vector(384));
insert into items select g, g, (select array_agg(sin(g * 0.7 + k * g % 31))::real[]::vector from generate_series(1, 384) k)
  from generate_series(1, ${n(60_000)}) g;
set maintenance_work_mem = '700MB';
create index items_e on items using hnsw (e vector_cosine_ops)`,
    },
    {
      what: 'a value of 100 MB, and random ones',
      sql: `create table files (id int primary key, content bytea);
alter table files alter content set storage external;
insert into files select 0, decode(repeat(md5('a large value'), ${Math.round(n(100_000_000) / 16)}), 'hex');
insert into files select g, (select string_agg(gen_random_bytes(1024), '') from generate_series(1, 1024) k)
  from generate_series(1, ${n(200)}) g`,
    },
    {
      what: `${n(40)} large objects of 5 MB`,
      sql: `select count(lo_from_bytea(0, (select string_agg(gen_random_bytes(1024), '') from generate_series(1, 5120) k where g > 0)))
  from generate_series(1, ${n(40)}) g`,
    },
    {
      what: 'empty tables and odd names',
      sql: `create table empty (a int, b text);
create schema "Odd ""schema""";
create table "Odd ""schema"""."Tab.le 'q' ü" (" sp ace" int, "q""'q" text);
insert into "Odd ""schema"""."Tab.le 'q' ü" values (1, 'ünï')`,
    },
    { what: 'statistics', sql: 'vacuum analyze' },
  ]
}
