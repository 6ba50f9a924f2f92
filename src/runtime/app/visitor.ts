import type { NuxtApp } from 'nuxt/app'

/** Set on a Nuxt app after an action of the visitor. */
const ACTED = '_nuxtH3SessionVisitorActed'

/**
 * Watches for a click, a touch or a key. `navigator.userActivation` is not reliable here: it ends after seconds or is
 * inherited by the next page, and browser automation sets it.
 */
export function watchVisitor(nuxtApp: NuxtApp): void {
  // Screen readers may send a click without the other two events.
  for (const type of ['pointerdown', 'keydown', 'click']) {
    window.addEventListener(type, ({ isTrusted }) => {
      nuxtApp[ACTED] ||= isTrusted
    }, { capture: true, passive: true })
  }
}

export function hasActed(nuxtApp: NuxtApp): boolean {
  return Boolean(nuxtApp[ACTED])
}
