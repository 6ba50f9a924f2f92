export interface Viewport { scrollTop: number, height: number }
export interface Range { start: number, end: number }

/** Returns which rows of equal height to render: the visible ones and a few around them. */
export function visibleRange(viewport: Viewport, rowHeight: number, count: number, around = 6): Range {
  const first = Math.floor(viewport.scrollTop / rowHeight)
  const inView = Math.ceil(viewport.height / rowHeight) + 1
  const start = Math.max(0, Math.min(first, count - inView) - around)
  return { start, end: Math.min(count, Math.max(0, first) + inView + around) }
}

/** Returns the scroll position that shows a whole row: the current one if the row is visible already. */
export function scrollToRow(viewport: Viewport, rowHeight: number, index: number): number {
  const top = index * rowHeight
  if (top < viewport.scrollTop) return top
  return Math.max(viewport.scrollTop, top + rowHeight - viewport.height)
}

/** Returns the list index that a key moves to, or `undefined` if the key does not move. */
export function moveByKey(key: string, index: number, count: number, page: number): number | undefined {
  const target: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: count - 1,
  }
  const next = Object.hasOwn(target, key) ? target[key] : undefined
  return next === undefined || count === 0 ? undefined : Math.max(0, Math.min(count - 1, next))
}
