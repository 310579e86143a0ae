import { onHost } from '../lab-host.ts'

/** A query for the names of databases that begin with a name. */
export const namesLike = (name: string) =>
  `select datname from pg_database where datname like '${name}%' order by 1`

/** A test's own databases on the lab's server: `name`, and whatever begins with it. */
export function databasesOf(name: string) {
  /** Runs SQL as the administrator, and gives what it printed. */
  const sql = async (text: string, of = name): Promise<string> => {
    const psql = `docker exec -i -u postgres postgres psql -XAtq -v ON_ERROR_STOP=1 -d '${of}'`
    return (await onHost('db-1', `${psql} <<'end-of-sql'\n${text}\nend-of-sql`)).trim()
  }
  const names = async (): Promise<readonly string[]> => {
    return (await sql(namesLike(name), 'postgres')).split('\n').filter((each) => each !== '')
  }
  return {
    sql,
    names,
    /** Removes them all, with whoever is in them. */
    async dropAll(): Promise<void> {
      for (const each of await names()) await sql(`drop database "${each}" with (force)`, 'postgres')
    },
  }
}
