import { onHost } from '../lab-host.ts'

/** A test's own databases on the lab's server: `name`, and whatever begins with it. */
export function databasesOf(name: string) {
  /** Runs SQL as the administrator, and gives what it printed. */
  const sql = async (text: string, of = name): Promise<string> => {
    const psql = `docker exec -i -u postgres postgres psql -XAtq -v ON_ERROR_STOP=1 -d '${of}'`
    return (await onHost('db-1', `${psql} <<'end-of-sql'\n${text}\nend-of-sql`)).trim()
  }
  const names = async (): Promise<readonly string[]> => {
    const like = `select datname from pg_database where datname like '${name}%' order by 1`
    return (await sql(like, 'postgres')).split('\n').filter((each) => each !== '')
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
