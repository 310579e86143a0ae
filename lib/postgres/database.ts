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
 * Carries bytes between its own streams and the server's socket. Two processes, so that neither way waits for the other.
 * Neither may ever be left to the container's first process and end by a signal: that process is the server, which
 * takes an unknown child's death for a crash of its own, cuts off everybody and recovers.
 */
const carry = `
my $path = shift;
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!\\n";
connect($s, pack_sockaddr_un($path)) or die "$path: $!\\n";
sub carry {
  my ($from, $to) = @_;
  my $data;
  while (sysread $from, $data, 65536) {
    my $at = 0;
    while ($at < length $data) {
      my $n = syswrite $to, $data, length($data) - $at, $at;
      return unless defined $n;
      $at += $n;
    }
  }
}
$SIG{PIPE} = "IGNORE";
my $up = fork;
die "fork: $!\\n" unless defined $up;
if ($up == 0) { $SIG{TERM} = sub { exit 0 }; carry(\\*STDIN, $s); shutdown $s, 1; exit 0 }
carry($s, \\*STDOUT);
kill "TERM", $up;
waitpid $up, 0;
`

function bridge({ container, admin = 'postgres', socket = '/var/run/postgresql' }: Server): Script {
  const words = ['perl', '-MSocket', '-e', carry, `${socket}/.s.PGSQL.5432`]
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
