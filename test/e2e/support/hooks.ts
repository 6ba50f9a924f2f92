import type { Answer } from './browser'

/** A hook as the fixture's plugin reports it, in responses to requests with the header `x-test-hook`. */
interface SeenHook {
  hook: string
  id?: string
  data: Record<string, unknown>
  info: { name?: string, transport?: string, reason?: string, previousId?: string, previousUserId?: string }
}

export function hooksOf(answer: Answer): SeenHook[] {
  const header = answer.headers.get('x-hooks')
  return header ? JSON.parse(decodeURIComponent(header)) : []
}
