import { Duplex } from 'node:stream'
import pg from 'pg'
import { type Connection, ConnectionError, type Running } from '../connection/index.ts'
import { messageOf, QuaysideError } from '../error.ts'
import { type Script, sh } from '../script/index.ts'

/** A server that runs in a container of the host, and how its administrator gets in: over the local socket, by peer. */
export interface Server {
  readonly connection: Connection
  /** name of the container */
  readonly container: string
  /** the role and the system user; "postgres" unless told */
  readonly admin?: string
  /** where its socket is, in the container; Debian's and the official images' folder unless told */
  readonly socket?: string
}

export interface DatabaseOptions {
  /** what it is for: shows as application_name */
  readonly purpose: string
  readonly signal?: AbortSignal
}

/** An open session of `pg` with one database. Ended by `close`, or with `await using`. */
export interface Database extends AsyncDisposable {
  readonly name: string
  readonly client: pg.Client
  /** Rows of one statement. Throws pg's DatabaseError, with the SQLSTATE as `code`, or a ConnectionError when the session was lost. */
  rows<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly R[]>
  close(): Promise<void>
}

/**
 * A session with a database as its administrator. The wire protocol travels on the SSH connection to a few lines of perl
 * in the container, which is part of every Debian (perl-base) and speaks to the socket: nothing listens on the network,
 * and no password is involved.
 */
export async function openDatabase(
  server: Server,
  database: string,
  { purpose, signal }: DatabaseOptions,
): Promise<Database> {
  const { connection, admin = 'postgres' } = server
  const title = `the session with database ${database}`
  const options = { title, ...(signal === undefined ? {} : { signal }) }
  const running = await connection.start(bridge(server), options)
  const client = new pg.Client({
    stream: () => carrier(running),
    user: admin,
    database,
    ssl: false,
    application_name: `quayside ${purpose}`,
    connectionTimeoutMillis: 30_000,
    client_encoding: 'UTF8',
  })
  let lost: Error | undefined
  // Without a listener a lost session would end the process; with it, the next query tells.
  client.on('error', (error) => {
    lost = error
  })
  try {
    await client.connect()
  } catch (error) {
    await running.kill()
    const said = (await running.ended.catch(() => undefined))?.stderr.trim()
    throw new QuaysideError(`${connection.name}: ${title} cannot be had: ${said || messageOf(error)}`, {
      hint: `docker exec ${server.container} pg_isready, and docker logs ${server.container}`,
      cause: error,
    })
  }
  const close = async () => {
    await Promise.race([client.end().catch(() => {}), running.ended.catch(() => {})])
    await running.kill()
  }
  return {
    name: database,
    client,
    async rows<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) {
      try {
        return (await client.query<R>(sql, [...values])).rows
      } catch (error) {
        if (error instanceof pg.DatabaseError) throw error
        const why = messageOf(lost ?? error)
        throw new ConnectionError(connection.name, `${title} was lost: ${why}`, {
          reason: 'lost',
          cause: error,
        })
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/**
 * Carries bytes between its own streams and the server's socket, both ways at once in one process. Not in two: a child that
 * outlives its parent becomes one of PID 1, which in a container is the server itself, and a server whose child dies of a signal
 * takes it for a crash and throws everybody out. The end of its input is the end of the session: nobody is there to read.
 */
const carry = `
my $path = shift;
$SIG{PIPE} = "IGNORE";
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\\n";
connect($s, pack_sockaddr_un($path)) or die "$path: $!\\n";
fcntl($_, F_SETFL, O_NONBLOCK) for $s, \\*STDOUT;
my ($in, $server, $limit) = (0, fileno $s, 262144);
my ($up, $down, $given, $open) = ("", "", 1, 1);
my $passing = sub { $!{EINTR} || $!{EAGAIN} };
while ($open || length $down) {
  my ($r, $w) = ("", "");
  vec($r, $in, 1) = 1 if $given && length $up < $limit;
  vec($r, $server, 1) = 1 if $open && length $down < $limit;
  vec($w, $server, 1) = 1 if length $up;
  vec($w, 1, 1) = 1 if length $down;
  next if select($r, $w, undef, undef) < 0;
  if (vec($w, $server, 1)) {
    my $n = syswrite $s, $up;
    if (defined $n) { substr($up, 0, $n, "") } elsif (!$passing->()) { ($up, $given) = ("", 0) }
  }
  if (vec($w, 1, 1)) {
    my $n = syswrite STDOUT, $down;
    if (defined $n) { substr($down, 0, $n, "") } elsif (!$passing->()) { last }
  }
  if (vec($r, $server, 1)) {
    my $n = sysread $s, $down, 65536, length $down;
    $open = 0 unless $n || !defined $n && $passing->();
  }
  if (vec($r, $in, 1)) {
    my $n = sysread STDIN, $up, 65536, length $up;
    $given = 0 unless $n || !defined $n && $passing->();
  }
  last unless $given || length $up;
}
`

function bridge({ container, admin = 'postgres', socket = '/var/run/postgresql' }: Server): Script {
  const words = ['perl', '-MSocket', '-MFcntl', '-MErrno', '-e', carry, `${socket}/.s.PGSQL.5432`]
  return sh`exec docker exec -i -u ${admin} ${container} ${words}`
}

/** The streams of a running script with what pg expects of a socket beside them. */
function carrier({ stdin, stdout }: Running): Duplex {
  const duplex = Duplex.from({ writable: stdin, readable: stdout })
  return Object.assign(duplex, {
    connect: () => void setImmediate(() => duplex.emit('connect')),
    setNoDelay: () => duplex,
    setKeepAlive: () => duplex,
    ref: () => duplex,
    unref: () => duplex,
  })
}
