import { expect } from 'vitest'
import type { Server } from '../../../lib/postgres/database.ts'
import { sh } from '../../../lib/script/index.ts'

export const dataFolder = '/var/lib/postgresql/data'

/** A PostgreSQL of a test's own beside the one that is there: of the same image, without a network, its data in a tmpfs. */
export async function ownServer(
  { connection, container: like }: Server,
  container: string,
  megabytes: number,
): Promise<Server> {
  await connection.run(sh`docker rm -f ${container}`)
  const { code, stderr } = await connection.run(
    sh`owner=$(docker exec ${like} stat -c 'uid=%u,gid=%g' ${dataFolder}) &&
docker run -d --name ${container} --network none --init \
  --tmpfs ${`${dataFolder}:size=${megabytes}m,mode=0700,`}"$owner" -e POSTGRES_PASSWORD=x \
  "$(docker inspect -f '{{.Image}}' ${like})" postgres -c max_wal_size=32MB -c min_wal_size=32MB -c fsync=off >/dev/null`,
  )
  expect(`${code} ${stderr}`).toBe('0 ')
  // The image's first server, which makes the databases, has no port.
  const waiting = await connection.run(sh`left=200
until docker exec ${container} pg_isready -q -h 127.0.0.1; do left=$((left - 1)); [ "$left" -gt 0 ] || exit 1; sleep 0.3; done`)
  expect(waiting.code).toBe(0)
  return { connection, container }
}
