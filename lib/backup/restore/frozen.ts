import type { Database } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'

/*
 * Rows that are copied into a table of the same transaction can be written frozen. Else whoever reads a page first notes in
 * it that its rows are there for good: the page is written once more and, with checksums, goes into the log once more. That
 * is the first index of every table, and took seven times as long (docs/performance.md). pg_restore has no option for it,
 * and says COPY as the dump's table of contents has it: so that is altered on its way.
 */

/**
 * The tables whose rows may be written frozen, as `freezing` reads them: those of a database that are empty. Not one that an
 * extension made: its dump may lack rows that the extension brought.
 */
export async function emptyTables(database: Database): Promise<string> {
  const hex = (name: string) => `encode(convert_to(${name}::text, getdatabaseencoding()), 'hex')`
  const rows = await database.rows<{ line: string }>(
    `select ${hex('n.nspname')} || '.' || ${hex('c.relname')} as line
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relpersistence <> 't' and pg_relation_size(c.oid) = 0
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d
                         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`,
  )
  return rows.map(({ line }) => `${line}\n`).join('')
}

/**
 * For a container: passes on a dump in pg_dump's custom form, whose COPY of a table in that file truncates it first and
 * freezes; the two are one transaction, as pg_restore sends them in one query. A form that it does not know is passed on as
 * it is. The form: pg_backup_archiver.c of PostgreSQL, ReadHead and ReadToc.
 */
export function freezing(file: string): Script {
  return sh`perl -e ${altering} ${file}`
}

const altering = `
my ($file, $all, $at, $int, $offset) = (shift, "", 0);
open my $list, "<", $file or die "$file: $!\\n";
my %empty = map { chomp; ($_ => 1) } <$list>;
sub bytes {
  my $n = shift;
  while (length($all) - $at < $n) { sysread STDIN, $all, 65536, length $all or die "short" }
  $at += $n;
  return substr $all, $at - $n, $n;
}
sub number {
  my ($minus, @digits) = unpack "C*", bytes(1 + $int);
  my $value = 0;
  $value = $value * 256 + $_ for reverse @digits;
  return $minus ? -$value : $value;
}
sub text { my $n = number(); return $n < 0 ? undef : bytes($n) }
sub hex_of { return unpack "H*", shift }
sub plain { my $name = shift; $name =~ s/""/"/g if $name =~ s/\\A"(.*)"\\z/$1/s; return $name }
my $name = qr/("(?:[^"]|"")*"|[^\\s".]+)/;
my @altered;
eval {
  bytes(5) eq "PGDMP" or die "form";
  my ($major, $minor, $revision);
  ($major, $minor, $revision, $int, $offset, my $format) = unpack "C6", bytes(6);
  $major == 1 && $minor >= 14 && $minor <= 16 && $format == 1 or die "form";
  $minor >= 15 ? bytes(1) : number();
  number() for 1 .. 7;
  text() for 1 .. 3;
  for (1 .. number()) {
    number() for 1, 2;
    text() for 1, 2;
    my ($tag, $kind) = (text(), text());
    number();
    text() for 1, 2;
    my $from = $at;
    my $copy = text();
    my $to = $at;
    my $schema = text();
    text() for 1, 2;
    number() if $minor >= 16;
    text() for 1, 2;
    1 while defined text();
    bytes(1 + $offset);
    next unless $kind eq "TABLE DATA" && defined $copy && defined $schema;
    next unless $empty{hex_of($schema) . "." . hex_of($tag)};
    next unless $copy =~ /\\ACOPY $name\\.$name (.*) FROM stdin;\\n\\z/s && plain($1) eq $schema && plain($2) eq $tag;
    push @altered, [$from, $to, "TRUNCATE ONLY $1.$2; COPY $1.$2 $3 FROM stdin WITH (FREEZE);\\n"];
  }
  for (reverse @altered) {
    my ($from, $to, $text) = @$_;
    my ($length, @digits) = length $text;
    for (1 .. $int) { push @digits, $length % 256; $length = int($length / 256) }
    substr $all, $from, $to - $from, pack("C*", 0, @digits) . $text;
  }
};
my $n;
do {
  my $given = 0;
  while ($given < length $all) { $given += syswrite(STDOUT, $all, length($all) - $given, $given) // exit 1 }
  $n = sysread STDIN, $all, 1048576;
} while ($n);
exit(defined $n ? 0 : 1);
`
