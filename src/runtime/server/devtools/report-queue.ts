import type { WorkerReport } from './messages'

/** How long a report waits for others. */
const DELAY_MS = 50

/** Sends reports together: a message between threads costs more than the reports in it. */
export class ReportQueue {
  #reports: WorkerReport[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly send: (reports: WorkerReport[]) => void) {}

  add(report: WorkerReport): void {
    this.#reports.push(report)
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS)
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  /** Sends what waits, if anything does. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const reports = this.#reports
    if (reports.length === 0) return
    this.#reports = []
    this.send(reports)
  }
}
