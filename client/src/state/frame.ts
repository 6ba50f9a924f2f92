export const isFramed = window.parent !== window

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
