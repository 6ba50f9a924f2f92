import type { NuxtApp } from 'nuxt/app'

const KEY = '_nuxtH3SessionVisitorAction'

interface Action { isDone: boolean }
interface Holder { [KEY]?: Action }

/**
 * Watches for a click, a touch or a key. `navigator.userActivation` is not reliable here: it ends after seconds or is
 * inherited by the next page, and browser automation sets it.
 */
export function watchVisitor(nuxtApp: NuxtApp): void {
  const action: Action = { isDone: false }
  Object.assign(nuxtApp, { [KEY]: action })
  // Screen readers may click without the other two.
  for (const type of ['pointerdown', 'keydown', 'click']) {
    window.addEventListener(type, ({ isTrusted }) => {
      action.isDone ||= isTrusted
    }, { capture: true, passive: true })
  }
}

/** Whether there was such an action since the document was loaded. */
export function hasVisitorActed(nuxtApp: NuxtApp): boolean {
  return Boolean((nuxtApp as Holder)[KEY]?.isDone)
}
