import type { RouteLocationNormalized } from 'vue-router'

type Address = Pick<RouteLocationNormalized, 'fullPath'>

/** Ignores a slash at the end, because hosts add or remove it. */
export function isSamePath(path: string, other: string): boolean {
  return withoutSlash(path) === withoutSlash(other)
}

/** Whether two addresses have the same path and query, in any order. */
export function isSamePage(to: Address, from: Address): boolean {
  const [one, other] = [to, from].map(partsOf) as [Parts, Parts]
  return isSamePath(one.path, other.path) && one.query === other.query
}

/** Whether this is a link to an anchor of the same page. */
export function isWithinPage(to: Address & { hash: string }, from: Address & { hash: string }): boolean {
  return to.hash !== from.hash && isSamePage(to, from)
}

export function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}

interface Parts { path: string, query: string }

function partsOf({ fullPath }: Address): Parts {
  const [path = '', search] = fullPath.split('#', 1)[0]!.split('?')
  const query = new URLSearchParams(search)
  query.sort()
  return { path, query: query.toString() }
}
