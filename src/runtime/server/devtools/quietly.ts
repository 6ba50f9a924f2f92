/** A failure of the recorder must not reach the app. */
export function quietly(record: () => void): void {
  try {
    record()
  }
  catch (error) {
    console.debug('[nuxt-h3-session] DevTools could not record a session.', error instanceof Error ? error.name : '')
  }
}
