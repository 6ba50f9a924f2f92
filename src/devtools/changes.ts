import type { ServerResponse } from 'node:http'

/** Responses that stay open, and get a line at every change. They contain only a number, as the broadcasts of DevTools. */
export class Changes {
  readonly #open = new Set<ServerResponse>()

  send(response: ServerResponse): void {
    response.setHeader('Content-Type', 'text/plain')
    response.flushHeaders()
    this.#open.add(response)
    response.once('close', () => this.#open.delete(response))
  }

  notify(seq: number): void {
    for (const response of this.#open) response.write(`${seq}\n`)
  }

  close(): void {
    for (const response of this.#open) response.end()
  }
}
