/** Returns the message of any thrown value. An error of the parent frame is not `instanceof Error` here. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message
  return String(error)
}
