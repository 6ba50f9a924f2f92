import type { StoreDriver, StoreEnvironment } from '../../../src/runtime/core/store/context'

/** A call that leaves the process: its keys, `undefined` for a range of keys, and whether it is a read. */
export interface Call {
  number: number
  keys: string[] | undefined
  isRead: boolean
}

type Run = (...args: never[]) => unknown
type Describe = (args: unknown[]) => Omit<Call, 'number'>
type Wrap = <R extends Run>(run: R, describe: Describe) => R

const READING_COMMANDS = new Set(['get', 'mget', 'zcount', 'h3session:page'])

/**
 * Returns the driver with `before` called at each call that leaves the process: commands of a Redis connection, statements
 * of a database, items of any other driver and the files that the store writes itself.
 */
export function counted(driver: StoreDriver, environment: StoreEnvironment, before: (call: Call) => unknown): StoreDriver {
  let number = 0
  const wrap: Wrap = (run, describe) => (async (...args: never[]) => {
    await before({ number: ++number, ...describe(args) })
    return run(...args)
  }) as unknown as typeof run
  if (environment.files) environment.files = { ...environment.files, replace: wrap(environment.files.replace, about(false)) }
  if (driver.name === 'redis') return { ...driver, getInstance: () => countedRedis(driver.getInstance!() as object, wrap) }
  if (driver.name === 'db0') return { ...driver, getInstance: () => countedDatabase(driver.getInstance!() as Database, wrap) }
  return {
    ...driver,
    getItem: wrap(driver.getItem, about(true)),
    setItem: wrap(driver.setItem!, about(false)),
    removeItem: wrap(driver.removeItem!, about(false)),
    getKeys: wrap(driver.getKeys, () => ({ keys: undefined, isRead: true })),
  }
}

function about(isRead: boolean): Describe {
  return ([key]) => ({ keys: [key as string], isRead })
}

function countedRedis(client: object, wrap: Wrap): object {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function') return value
      const method = value.bind(target) as Run
      return name === 'defineCommand' ? method : wrap(method, args => ({ keys: keysOfCommand(String(name), args as string[]), isRead: READING_COMMANDS.has(String(name)) }))
    },
  })
}

/** A script gets the number of its keys first. */
function keysOfCommand(name: string, args: string[]): string[] {
  if (name.startsWith('h3session:')) return args.slice(1, 1 + Number(args[0]))
  return name === 'mget' ? args : args.slice(0, 1)
}

interface Database {
  dialect: string
  prepare: (sql: string) => { all: Run, run: Run }
}

function countedDatabase(database: Database, wrap: Wrap): Database {
  return {
    dialect: database.dialect,
    prepare(sql) {
      const describe: Describe = args => ({ keys: keysOf(sql, args as string[]), isRead: sql.startsWith('SELECT') })
      return {
        all: wrap((...values) => database.prepare(sql).all(...values), describe),
        run: wrap((...values) => database.prepare(sql).run(...values), describe),
      }
    },
  }
}

function keysOf(sql: string, values: string[]): string[] | undefined {
  if (sql.startsWith('UPDATE')) return values.slice(1, 2)
  return sql.startsWith('CREATE') || sql.includes('key > ?') ? undefined : values.slice(0, 1)
}
