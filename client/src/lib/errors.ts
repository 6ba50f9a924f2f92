/** The words of whatever was thrown; an error of the frame around us is not an `instanceof` our `Error`. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message
  return String(error)
}
