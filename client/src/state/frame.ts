export const isFramed = window.parent !== window

/** The document around the frame; nothing outside a frame, and in one of another origin. */
export function parentDocument(): Document | undefined {
  if (!isFramed) return undefined
  try {
    return window.parent.document
  }
  catch {
    // Another origin: its document is none of our business.
    return undefined
  }
}
