import { run } from '../command.ts'
import { QuaysideError } from '../error.ts'

/** Throws, with what to do, where no Docker engine answers: Compose would only say that it cannot connect. */
export async function demandEngine(): Promise<void> {
  try {
    await run(['docker', 'version', '--format', '{{.Server.Version}}'], { timeout: 20_000 })
  } catch (cause) {
    throw new QuaysideError('no Docker engine answers', {
      hint: 'install or start Docker (Docker Desktop, or: sudo systemctl start docker), and look at DOCKER_HOST and your groups; on Debian, as root, --standins does it',
      cause,
    })
  }
}
