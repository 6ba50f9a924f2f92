import { abortNavigation, useNuxtApp, useRouter } from 'nuxt/app'
import type { RouteLocationNormalized } from 'vue-router'
import { clientConfigOf } from '../shared/client-config'
import { isSamePage, withoutSlash } from './address'
import { hasVisitorActed } from './visitor-action'

/** The paths that this tab loaded to have their visitor checked, one a line, as long as nothing was decided. */
const LOADED = 'nuxt-h3-session:loaded'

/**
 * Loads a page from the server, which decides who may see it. Never the page that is shown, which would come again;
 * and each path once until {@link forgetLoad}, unless the visitor acts in between: a page that its host answers with
 * another one, which leads to it, would load for ever. Not by `navigateTo`, which stops the app, so that it would be
 * dead when it comes back from the back/forward cache.
 *
 * @returns what the guard of the navigation returns meanwhile; `undefined`: nothing is loaded
 */
export function loadFromServer(to: RouteLocationNormalized, from: RouteLocationNormalized): false | Promise<never> | undefined {
  const nuxtApp = useNuxtApp()
  const router = useRouter()
  // A path in the hash reaches no server.
  const isServed = clientConfigOf(nuxtApp.$config)!.hasServer && !router.options.history.base.includes('#')
  if (!isServed || isSamePage(to, from) || !rememberLoad(to.path, hasVisitorActed(nuxtApp))) return undefined
  // With the origin: a path that begins with two slashes would lead to another host.
  const url = new URL(window.location.origin + router.resolve(to).href)
  const isBackOrForward = isSamePage({ fullPath: url.pathname + url.search }, { fullPath: window.location.pathname + window.location.search })
  if (isBackOrForward) {
    window.location.reload()
    // The router would undo the browser's step by another one, which ends the load.
    return new Promise(() => {})
  }
  window.location.assign(url)
  return abortNavigation() as false
}

/** The visitor of this page was checked: it may be loaded again when that fails another time. */
export function forgetLoad(path: string): void {
  try {
    const paths = loadedPaths()
    if (!paths.delete(withoutSlash(path))) return
    if (paths.size > 0) sessionStorage.setItem(LOADED, [...paths].join('\n'))
    else sessionStorage.removeItem(LOADED)
  }
  catch {
    // Where the browser keeps nothing, nothing was loaded.
  }
}

/** @returns whether it may be loaded */
function rememberLoad(path: string, isAgain: boolean): boolean {
  try {
    const paths = loadedPaths()
    if (paths.has(withoutSlash(path)) && !isAgain) return false
    sessionStorage.setItem(LOADED, [...paths.add(withoutSlash(path))].join('\n'))
    return true
  }
  catch {
    // The browser keeps nothing for this page, so that it might load for ever.
    return false
  }
}

function loadedPaths(): Set<string> {
  return new Set(sessionStorage.getItem(LOADED)?.split('\n'))
}
