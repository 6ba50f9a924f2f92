export const isFramed = window.parent !== window

/** The frames around this page, as far as they have its origin. */
export function accessibleFrames(): Element[] {
  const frames: Element[] = []
  for (let page: Window = window; page !== page.parent && page.frameElement; page = page.parent) frames.push(page.frameElement)
  return frames
}

/** The parent frame's document, or `undefined` without a parent frame or if it has another origin. */
export function parentDocument(): Document | undefined {
  if (!isFramed) return undefined
  try {
    return window.parent.document
  }
  catch {
    // The parent frame has another origin.
    return undefined
  }
}
