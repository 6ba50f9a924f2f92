import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, globSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from './free-port'

/** What distinguishes one database server from another one. */
interface Kind {
  /** The user that it runs as, where the tests are root's. */
  user: string
  /** Makes an empty database. */
  prepare: (directory: string) => [command: string, ...args: string[]]
  run: (directory: string, port: number) => [command: string, ...args: string[]]
  /** Ends it with all its processes. */
  stopSignal: NodeJS.Signals
  /** Succeeds once it takes queries. */
  ask: (port: number) => [command: string, ...args: string[]]
}

// Nothing is promised after a loss of power, which no test has.
const POSTGRESQL: Kind = {
  user: 'postgres',
  // A collation that looks at letters first and at punctuation last, as most servers have.
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

/** A database server of our own on a free port of 127.0.0.1, with its data in a directory of its own. */
export class SqlServer {
  static postgresql(): Promise<SqlServer> { return SqlServer.#start(POSTGRESQL) }
  static mariadb(): Promise<SqlServer> { return SqlServer.#start(MARIADB) }

  static async #start(kind: Kind): Promise<SqlServer> {
    const server = new SqlServer(kind, await freePort())
    const [command, ...args] = kind.prepare(server.#directory)
    await server.#succeeds(command, args)
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
    const failed = Promise.race([once(child, 'error'), once(child, 'exit')]).then(() => { throw new Error(missing(command)) })
    await Promise.race([this.#answers(), failed])
    failed.catch(() => undefined)
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }

  async stop(): Promise<void> {
    await this.kill(this.#kind.stopSignal)
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }

  async #answers(): Promise<void> {
    const [command, ...args] = this.#kind.ask(this.port)
    while (!await succeeds(command, args)) await delay(20)
  }

  async #succeeds(command: string, args: string[]): Promise<void> {
    const child = spawn(command, args, { env, ...this.#as, cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (text: Buffer) => { said += String(text) })
    const [code] = await once(child, 'close').catch((error: unknown) => { throw new Error(missing(command), { cause: error }) }) as [number | null]
    if (code !== 0) throw new Error(`${command} failed: ${said}`)
  }
}

function missing(command: string): string {
  return `${command} does not start: run \`bash scripts/install-databases.sh\`.`
}

function idOf(user: string, flag: string): number {
  return Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  const [code] = await once(spawn(command, args, { env, stdio: 'ignore' }), 'close') as [number | null]
  return code === 0
}
