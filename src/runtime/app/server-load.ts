import { abortNavigation, useRouter } from '#app/composables/router'
import { useNuxtApp } from '#app/nuxt'
import type { RouteLocationNormalized } from 'vue-router'
import { clientConfigOf } from '../shared/client-config'
import { isSamePage, withoutSlash } from './address'
import { hasActed } from './visitor'

/**
 * Loads a page from the server, which checks its visitor. Never loads the shown page. Loads each path only once until
 * {@link forgetLoad} or an action of the visitor, because a host could answer with another page that redirects back, in
 * an endless loop. Does not use `navigateTo`: it stops the app, which could not be restored from the back/forward cache.
 * @returns the result for the navigation guard; `undefined` if nothing is loaded
 */
export function loadFromServer(to: RouteLocationNormalized, from: RouteLocationNormalized): false | Promise<never> | undefined {
  const nuxtApp = useNuxtApp()
  const router = useRouter()
  // The server does not get a path in the hash.
  const isServed = clientConfigOf(nuxtApp.$config)!.hasServer && !router.options.history.base.includes('#')
  if (!isServed || isSamePage(to.fullPath, from.fullPath) || !rememberLoad(to.path, hasActed(nuxtApp))) return undefined
  // With the origin, because a path that begins with two slashes would lead to another host.
  const url = new URL(window.location.origin + router.resolve(to).href)
  const isBackOrForward = isSamePage(url.pathname + url.search, window.location.pathname + window.location.search)
  if (isBackOrForward) {
    window.location.reload()
    // If the guard returned, the router would revert the history step, which cancels the load.
    return new Promise(() => {})
  }
  window.location.assign(url)
  return abortNavigation() as false
}

/** Called after a page was checked: if a later check fails, the page may be loaded again. */
export function forgetLoad(path: string): void {
  try {
    sessionStorage.removeItem(loadKey(path))
  }
  catch {
    // Without sessionStorage, nothing was loaded.
  }
}

/** @returns whether the page may be loaded */
function rememberLoad(path: string, isAgain: boolean): boolean {
  try {
    if (sessionStorage.getItem(loadKey(path)) !== null && !isAgain) return false
    sessionStorage.setItem(loadKey(path), '')
    return true
  }
  catch {
    // Without sessionStorage, an endless loop could not be detected.
    return false
  }
}

/** The key of a path that this tab loaded from the server and that is not checked yet. */
function loadKey(path: string): string {
  return `nuxt-h3-session:loaded:${withoutSlash(path)}`
}
