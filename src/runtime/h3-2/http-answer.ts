import type { AnswerStatus } from '../server/host'

const STATUS_TEXTS: Record<AnswerStatus, string> = { 401: 'Unauthorized', 403: 'Forbidden', 405: 'Method Not Allowed' }

/** An error that h3 2 knows as its own by name and status, and answers as it is. */
export class HttpAnswer extends Error {
  override readonly name = 'HTTPError'
  readonly status: AnswerStatus
  readonly statusText: string
  readonly data: { code: string }

  constructor(status: AnswerStatus, code: string, message: string) {
    super(message)
    this.status = status
    this.statusText = STATUS_TEXTS[status]
    this.data = { code }
  }

  /** As h3 1 and Nuxt name it. */
  get statusCode(): AnswerStatus {
    return this.status
  }

  toJSON() {
    const { status, statusText, message, data } = this
    return { status, statusText, message, data }
  }
}
