/** While a panel fetches what it is told of. */
const INTERVAL_MS = 250
/** While none does: all are hidden, paused or closed. */
const IDLE_INTERVAL_MS = 2000

/** Tells the panels that something has changed, at most four times a second, and seldom while none fetches it. */
export class Notifier {
  #timer: ReturnType<typeof setTimeout> | undefined
  #toldAt = -Infinity
  #isDue = false
  #isFetched = true

  constructor(private readonly tell: () => void) {}

  changed(): void {
    this.#isDue = true
    this.#timer ??= this.#start()
  }

  /** A panel fetches the changes. */
  fetched(): void {
    if (this.#isFetched) return
    this.#isFetched = true
    clearTimeout(this.#timer)
    this.#timer = this.#isDue ? this.#start() : undefined
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #start(): ReturnType<typeof setTimeout> {
    const interval = this.#isFetched ? INTERVAL_MS : IDLE_INTERVAL_MS
    return setTimeout(() => this.#run(), Math.max(0, this.#toldAt + interval - Date.now())).unref()
  }

  #run(): void {
    this.#timer = undefined
    this.#toldAt = Date.now()
    this.#isDue = false
    this.#isFetched = false
    this.tell()
  }
}
