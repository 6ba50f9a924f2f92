import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, globSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { endProcess, hasExited, run } from '../../support/process'
import type { RunResult } from '../../support/process'
import { freePort } from '../../support/ports'
import { until } from '../../support/until'

type Command = [command: string, ...args: string[]]

/** What distinguishes one database server from another one. */
interface Kind {
  /** The user that it runs as, if root runs the tests. */
  user: string
  /** Makes an empty database. */
  prepare: (directory: string) => Command
  run: (directory: string, port: number) => Command
  /** Ends it and its child processes. */
  stopSignal: NodeJS.Signals
  /** Succeeds once it accepts queries. */
  ask: (port: number) => Command
}

// No test needs data to survive a loss of power.
const POSTGRESQL: Kind = {
  user: 'postgres',
  // Compares letters first and punctuation last, like the default of most servers.
  prepare: directory => ['initdb', '-D', directory, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US', '--no-sync'],
  run: (directory, port) => ['postgres', '-D', directory, '-h', '127.0.0.1', '-p', `${port}`, '-k', directory, '-F'],
  stopSignal: 'SIGQUIT',
  ask: port => ['pg_isready', '-q', '-h', '127.0.0.1', '-p', `${port}`],
}
const MARIADB: Kind = {
  user: 'mysql',
  prepare: directory => ['mariadb-install-db', '--no-defaults', `--datadir=${directory}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
  run: (directory, port) => [
    'mariadbd', '--no-defaults', `--datadir=${directory}`, `--socket=${join(directory, 'socket')}`, `--pid-file=${join(directory, 'pid')}`,
    '--bind-address=127.0.0.1', `--port=${port}`, '--innodb-flush-log-at-trx-commit=0',
  ],
  stopSignal: 'SIGKILL',
  ask: port => ['mariadb-admin', '--no-defaults', '--silent', '-h', '127.0.0.1', '-P', `${port}`, '-u', 'root', 'ping'],
}

const env = { ...process.env, PATH: [process.env.PATH, '/usr/sbin', ...globSync('/usr/lib/postgresql/*/bin')].join(delimiter) }

/** A separate database server on a free port of 127.0.0.1, with its own data directory. */
export class SqlServer {
  static postgresql(): Promise<SqlServer> { return SqlServer.#start(POSTGRESQL) }
  static mariadb(): Promise<SqlServer> { return SqlServer.#start(MARIADB) }

  static async #start(kind: Kind): Promise<SqlServer> {
    const server = new SqlServer(kind, await freePort())
    const { code, output } = await server.#run(kind.prepare(server.#directory))
    if (code !== 0) throw new Error(`The database cannot be made: ${output}`)
    await server.start()
    return server
  }

  readonly #kind: Kind
  readonly #directory: string
  readonly #as: { uid?: number, gid?: number }
  #process: ChildProcess | undefined

  private constructor(kind: Kind, readonly port: number) {
    this.#kind = kind
    this.#directory = mkdtempSync(join(tmpdir(), 'sessions-sql-'))
    this.#as = process.getuid?.() === 0 ? { uid: idOf(kind.user, '-u'), gid: idOf(kind.user, '-g') } : {}
    const { uid, gid } = this.#as
    if (uid !== undefined && gid !== undefined) chownSync(this.#directory, uid, gid)
  }

  /** Starts it, with the data that it has. */
  async start(): Promise<void> {
    const [command, ...args] = this.#kind.run(this.#directory, this.port)
    const child = this.#process = spawn(command, args, { env, ...this.#as, cwd: this.#directory, stdio: 'ignore' })
    const failed = once(child, 'error').then(([error]) => { throw new Error(missing(command), { cause: error }) })
    const ready = until(async () => (await this.#run(this.#kind.ask(this.port))).code === 0, () => {
      if (hasExited(child)) throw new Error(missing(command))
    })
    await Promise.race([ready, failed])
    failed.catch(() => undefined)
  }

  async kill(signal?: NodeJS.Signals): Promise<void> {
    if (this.#process) await endProcess(this.#process, signal)
  }

  async stop(): Promise<void> {
    await this.kill(this.#kind.stopSignal)
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }

  #run([command, ...args]: Command): Promise<RunResult> {
    return run(command, args, { env, ...this.#as, cwd: this.#directory, timeout: 60_000 }).catch((error: unknown) => {
      throw new Error(missing(command), { cause: error })
    })
  }
}

function missing(command: string): string {
  return `${command} does not start: run \`bash scripts/install-databases.sh\`.`
}

function idOf(user: string, flag: string): number {
  try {
    return Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }))
  }
  catch (error) {
    // Debian's package creates the user.
    throw new Error(missing(`The server of the user ${user}`), { cause: error })
  }
}
