import type { Script } from '../script/index.ts'
import type { Secret } from '../secret/index.ts'
import type { Left } from './left.ts'
import type { Running, StartOptions } from './running.ts'

/** How to reach a host: from the inventory's connection variables. */
export interface Target {
  /** the inventory's name of the host */
  readonly name: string
  readonly connection: 'ssh' | 'local' | 'docker'
  /** the address; of a container, its name or id */
  readonly host: string
  /** where the Docker engine of a container is, as the docker command takes it; its own setting for undefined */
  readonly dockerHost: string | undefined
  /** undefined, here and below: what ssh_config says, or else the default */
  readonly port: number | undefined
  readonly user: string | undefined
  readonly identityFile: string | undefined
  readonly knownHostsFile: string | undefined
  /** where keys do not let us in */
  readonly password: Secret | undefined
  /** a file to take the place of the user's and the system's ssh_config; false for none */
  readonly sshConfig: string | false | undefined
  /** the hosts to go through, in their order; none of them: directly */
  readonly jump: readonly Target[] | undefined
  readonly forwardAgent: boolean | undefined
  /** whether the shell is another user's than the one who logs in: becomeUser's */
  readonly become: boolean
  readonly becomeUser: string
  /** the program by which; a container needs none */
  readonly becomeMethod: 'sudo' | 'su'
  /** what that program may ask for: sudo for the login user's password, su for the become user's */
  readonly becomePassword: Secret | undefined
  readonly connectTimeoutSeconds: number | undefined
  /** how long a script may take unless its RunOptions say otherwise */
  readonly commandTimeoutSeconds: number
}

/** What a script left behind. A code other than 0 is a result, not an exception. */
export interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface RunOptions {
  /** the script is cut off after this many seconds; the target's commandTimeoutSeconds unless told */
  readonly timeoutSeconds?: number
  /** what it is for, to be told when no result comes back; its first line unless told */
  readonly title?: string
  readonly signal?: AbortSignal
}

/** One open connection to one host, with one persistent shell, which is already another user's where the target says become. */
export interface Connection {
  readonly name: string
  /** scripts sent so far: each is one round trip */
  readonly trips: number
  /** what it may have left running on the host, when it was lost or could not end what took too long */
  readonly left?: Left | undefined
  /** Runs one script in the persistent shell; calls queue. Throws a ConnectionError when no result came back. */
  run(script: Script, options?: RunOptions): Promise<Result>
  /** Starts a script beside that shell, with its streams for the caller: for what is too much to hold in memory. */
  start(script: Script, options: StartOptions): Promise<Running>
  close(): Promise<void>
}
