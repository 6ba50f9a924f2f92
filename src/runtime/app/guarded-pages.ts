import { createError } from '#app/composables/error'
import { navigateTo, useRouter } from '#app/composables/router'
import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized as Route } from 'vue-router'
import type { SessionPayload, SessionRequirement } from '../shared/page-session'
import { isSamePage, isSamePath, withoutSlash } from './address'
import { isRestored } from './browser-session'
import { loginAddress } from './login-page'
import { forgetLoad, loadFromServer } from './server-load'
import { injectSession } from './app-session'

const KEY = '_nuxtH3SessionGuardedPages'

/** The guarded pages of an app in the browser. */
export class GuardedPages {
  private readonly admittedPaths = new Set<string>()
  /** The address at which the page was hydrated. */
  private hydrated: string | undefined
  private readonly router = useRouter()

  constructor(private readonly nuxtApp: NuxtApp) {
    // The back/forward cache restores a page even if the visitor has logged out since.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) void this.checkShown()
    })
  }

  /** Admits a navigation to a guarded page, or redirects to the login page, loads the page from the server or shows an error. */
  guard(to: Route, from: Route) {
    const { nuxtApp } = this
    const { isHydrating, payload } = nuxtApp
    if (isHydrating && payload.serverRendered) return this.admitHydrated(to)
    const isLinkToAnchor = to.hash !== from.hash
    if (!isHydrating && isSamePage(to.fullPath, from.fullPath) && (isLinkToAnchor || this.isOfHydration(to))) return
    return injectSession(nuxtApp).meets(requirementOf(to)).then(
      isMet => nuxtApp.runWithContext(() => {
        if (isMet === undefined) return this.admitUnchecked(to, from)
        forgetLoad(to.path)
        if (!isMet) return navigateTo(loginAddress(nuxtApp, to))
        this.admit(to)
      }),
      (failure: unknown) => nuxtApp.runWithContext(() => this.admitUnchecked(to, from, failure)),
    )
  }

  /** The server checked the visitor already, unless the page is cached or prerendered. */
  private admitHydrated(page: Route): void {
    const { hooks, payload } = this.nuxtApp
    this.hydrated = this.hydrated === undefined ? page.fullPath : ''
    if (this.isAdmitted(page)) return
    this.admit(page)
    const isChecked = (payload.clientSession as SessionPayload | undefined)?.isChecked
    if (isChecked) forgetLoad(page.path)
    if (!isChecked || isRestored()) hooks.hookOnce('app:suspense:resolve', () => void this.checkShown())
  }

  /** Nuxt hydrates a prerendered page at the address of its rendering, then navigates to the browser's address. */
  private isOfHydration({ fullPath }: Route): boolean {
    const { hydrated } = this
    if (!hydrated) return false
    this.hydrated = ''
    return fullPath !== hydrated
  }

  /** Without `failure`, there is no endpoint. */
  private admitUnchecked(to: Route, from: Route, failure?: unknown) {
    const { isHydrating } = this.nuxtApp
    const load = isHydrating ? undefined : loadFromServer(to, from)
    if (load !== undefined) return load
    if (failure !== undefined) warn(failure)
    // Without an endpoint, a page that the server does not render cannot be checked.
    else if (isHydrating) return this.admit(to)
    if (isSamePath(to.path, from.path) && this.isAdmitted(to)) return
    throw createError({ statusCode: 503, statusMessage: 'Service Unavailable', message: 'Your login could not be checked.', cause: failure, fatal: true })
  }

  /** Redirects to the login page if the visitor no longer meets the requirement. If the check fails, the page stays. */
  private async checkShown(): Promise<void> {
    const { nuxtApp, router: { currentRoute } } = this
    const page = currentRoute.value
    if (!this.isAdmitted(page)) return
    try {
      const isMet = await injectSession(nuxtApp).meets(requirementOf(page))
      // The visitor may have left the page.
      if (isMet !== false || !isSamePath(currentRoute.value.path, page.path)) return
      await nuxtApp.runWithContext(() => navigateTo(loginAddress(nuxtApp, currentRoute.value)))
    }
    catch (failure) {
      warn(failure)
    }
  }

  private admit({ path }: Route): void {
    this.admittedPaths.add(withoutSlash(path))
  }

  private isAdmitted({ path }: Route): boolean {
    return this.admittedPaths.has(withoutSlash(path))
  }
}

export function guardedPages(nuxtApp: NuxtApp): GuardedPages {
  return (nuxtApp[KEY] ??= new GuardedPages(nuxtApp)) as GuardedPages
}

const REQUIREMENTS = { userId: true, maxAuthAge: true } satisfies Record<keyof SessionRequirement, true>

/** @throws for an unknown requirement, which would let everybody in who meets the others */
export function requirementOf({ path, meta }: Route): SessionRequirement {
  const requirement = (meta.session ?? {}) as SessionRequirement
  const unknown = Object.keys(requirement).find(key => !Object.hasOwn(REQUIREMENTS, key))
  if (unknown !== undefined) {
    const message = `[nuxt-h3-session] The page ${path} has the unknown requirement "${unknown}" in definePageMeta({ session }). Known are "userId" and "maxAuthAge". Check anything else in the routes that return the page's data.`
    // Nuxt logs unhandled errors only.
    throw createError({ statusCode: 500, message, unhandled: true, fatal: true })
  }
  return requirement
}

function warn(failure: unknown): void {
  console.warn('[nuxt-h3-session] The requirement of this page could not be checked.', failure instanceof Error ? failure.message : '')
}
