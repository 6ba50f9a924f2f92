/** Ignores a slash at the end, because hosts add or remove it. */
export function isSamePath(path: string, other: string): boolean {
  return withoutSlash(path) === withoutSlash(other)
}

/** Whether two addresses have the same path and query, in any order. Ignores the hash. */
export function isSamePage(address: string, other: string): boolean {
  return pageOf(address) === pageOf(other)
}

export function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}

function pageOf(address: string): string {
  const [path = '', search] = address.split('#', 1)[0]!.split('?')
  const query = new URLSearchParams(search)
  query.sort()
  return `${withoutSlash(path)}?${query}`
}
