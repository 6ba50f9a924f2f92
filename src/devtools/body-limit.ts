/** The longest body of a request to the API, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024

/** The sentence about a body that is longer. `operation`: what it was sent for, if known. */
export function tooLong(bytes: number, operation?: string): string {
  const advice = operation === 'unseal' ? 'Only the seal or its Cookie header is needed.' : 'Send less.'
  return `This is too long for DevTools: it has ${kilobytes(bytes)}, and the limit is ${kilobytes(MAX_BODY_BYTES)}. ${advice}`
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024).toLocaleString('en')} KB`
}
