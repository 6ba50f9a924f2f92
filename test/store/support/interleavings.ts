import type { StoreDriver, StoreEnvironment } from '../../../src/runtime/core/store/context'
import { counted } from './counted-driver'
import type { Call } from './counted-driver'
import { nodeEnvironment } from './node-environment'

/** One of several concurrent acts, with its own driver and environment. */
export type Act = (driver: StoreDriver, env: StoreEnvironment) => Promise<unknown>

export interface Run {
  /** The results of the acts. */
  results: unknown[]
  /** Which act made its call, step by step. */
  order: number[]
}

/**
 * Runs the acts in every order of their drivers' calls: before each call, an act waits for its turn. `begin` prepares
 * each run, and `check` checks its end. Returns the number of orders. Of orders that differ only in two neighbouring
 * independent calls, only one is run.
 */
export async function inEveryOrder(begin: () => Promise<{ acts: Act[], driver: StoreDriver }>, check: (run: Run) => Promise<unknown>): Promise<number> {
  const open: number[][] = [[]]
  let runs = 0
  for (let given = open.pop(); given !== undefined; given = open.pop()) {
    const { acts, driver } = await begin()
    const { isPruned, results, order, choices } = await new Stage(acts, driver).run(given)
    if (!isPruned) {
      await check({ results, order })
      runs++
    }
    for (let step = given.length; step < order.length; step++) {
      for (const other of choices[step]!) if (other !== order[step]) open.push([...order.slice(0, step), other])
    }
  }
  return runs
}

interface Player {
  /** Calls that wait for their turn. */
  waiting: { call: Call, go: () => void }[]
  isDone: boolean
  result: unknown
}

class Stage {
  readonly #players: Player[]

  constructor(acts: Act[], driver: StoreDriver) {
    this.#players = acts.map((act) => {
      const player: Player = { waiting: [], isDone: false, result: undefined }
      const env = { ...nodeEnvironment, startTimer }
      const pausing = counted(driver, env, call => new Promise<void>(go => void player.waiting.push({ call, go })))
      void act(pausing, env).catch((error: unknown) => error).then((result) => {
        player.isDone = true
        player.result = result
      })
      return player
    })
  }

  async run(given: number[]) {
    const order: number[] = []
    const choices: number[][] = []
    let last: { at: number, call: Call } | undefined
    let isPruned = false
    for (;;) {
      await this.#quiet()
      const ready = [...this.#players.keys()].filter(at => !this.#players[at]!.isDone)
      if (ready.length === 0) return { isPruned, results: this.#players.map(player => player.result), order, choices }
      const allowed = ready.filter(at => !last || at >= last.at || !areIndependent(this.#players[at]!.waiting[0]!.call, last.call))
      const next = given[order.length] ?? allowed[0] ?? ready[0]!
      isPruned ||= !allowed.includes(next)
      order.push(next)
      choices.push(isPruned ? [] : allowed)
      const { call, go } = this.#players[next]!.waiting.shift()!
      last = { at: next, call }
      go()
    }
  }

  /** Waits until every act has ended or waits. Parallel calls of one act run one by one. */
  async #quiet(): Promise<void> {
    do await new Promise(resolve => void setImmediate(resolve))
    while (this.#players.some(player => !player.isDone && player.waiting.length === 0))
  }
}

function areIndependent(a: Call, b: Call): boolean {
  if (a.isRead && b.isRead) return true
  return a.keys !== undefined && b.keys !== undefined && !a.keys.some(key => b.keys!.includes(key))
}

/** A store's pauses end at once, and its deadline never passes. */
function startTimer(ms: number, run: () => void): () => void {
  if (ms < 1000) setImmediate(run)
  return () => undefined
}
