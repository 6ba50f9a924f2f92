import { createError, navigateTo, useRouter } from 'nuxt/app'
import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized } from 'vue-router'
import type { SessionPayload } from '../shared/page-session'
import { isSamePage, isSamePath, isWithinPage, withoutSlash } from './address'
import { loginAddress, requirementOf } from './page-requirement'
import { isRestored } from './restored'
import { forgetLoad, loadFromServer } from './server-load'
import { injectSession } from './shared-session'

const KEY = '_nuxtH3SessionGuardedPages'

type Route = RouteLocationNormalized

/** The guarded pages of an app in the browser. */
export class GuardedPages {
  /** The paths of those that were let in. */
  private readonly paths = new Set<string>()
  /** The address at which the server's page was hydrated. */
  private hydrated: string | undefined

  private readonly router = useRouter()

  constructor(private readonly nuxtApp: NuxtApp) {
    // The back/forward cache restores a page as it was left, whoever is logged in by then.
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) void this.checkShown()
    })
  }

  /** Lets a navigation to a guarded page go on, or sends it to the login page, to the server, or to the error page. */
  enter(to: Route, from: Route) {
    const { nuxtApp } = this
    const { isHydrating, payload } = nuxtApp
    if (isHydrating && payload.serverRendered) return this.adopt(to)
    if (!isHydrating && (isWithinPage(to, from) || this.isOfHydration(to, from))) return
    return injectSession(nuxtApp).meets(requirementOf(to)).then(
      isMet => nuxtApp.runWithContext(() => isMet === undefined ? this.enterUnchecked(to, from) : this.enterChecked(to, isMet)),
      (failure: unknown) => nuxtApp.runWithContext(() => this.enterUnchecked(to, from, failure)),
    )
  }

  /** The page comes from the server, which checked its visitor unless the HTML is the same for all. */
  private adopt(page: Route): void {
    const { hooks, payload } = this.nuxtApp
    this.hydrated = this.hydrated === undefined ? page.fullPath : ''
    if (this.isLetIn(page)) return
    this.letIn(page)
    const isChecked = (payload.clientSession as SessionPayload | undefined)?.isChecked
    if (isChecked) forgetLoad(page.path)
    if (!isChecked || isRestored()) hooks.hookOnce('app:suspense:resolve', () => void this.checkShown())
  }

  /** Nuxt hydrates a prerendered page at the address that it was rendered for, and then goes to the browser's own. */
  private isOfHydration(to: Route, from: Route): boolean {
    const { hydrated } = this
    if (!hydrated || !isSamePage(to, from)) return false
    this.hydrated = ''
    return to.fullPath !== hydrated
  }

  private enterChecked(to: Route, isMet: boolean) {
    forgetLoad(to.path)
    if (!isMet) return navigateTo(loginAddress(this.nuxtApp, to))
    this.letIn(to)
  }

  /** Without a failure, there is no endpoint. */
  private enterUnchecked(to: Route, from: Route, failure?: unknown) {
    const { isHydrating } = this.nuxtApp
    const load = isHydrating ? undefined : loadFromServer(to, from)
    if (load !== undefined) return load
    if (failure !== undefined) warn(failure)
    // Without an endpoint nobody decides about a page that the server does not render.
    else if (isHydrating) return this.letIn(to)
    if (isSamePath(to.path, from.path) && this.isLetIn(to)) return
    throw createError({ statusCode: 503, statusMessage: 'Service Unavailable', message: 'Your login could not be checked.', cause: failure, fatal: true })
  }

  /** Sends the visitor of the page that is shown to the login page if they need one. While nobody can tell, it stays. */
  private async checkShown(): Promise<void> {
    const { nuxtApp, router: { currentRoute } } = this
    const page = currentRoute.value
    if (!this.isLetIn(page)) return
    try {
      const isMet = await injectSession(nuxtApp).meets(requirementOf(page))
      // The visitor may have left it meanwhile.
      if (isMet !== false || !isSamePath(currentRoute.value.path, page.path)) return
      await nuxtApp.runWithContext(() => navigateTo(loginAddress(nuxtApp, currentRoute.value)))
    }
    catch (failure) {
      warn(failure)
    }
  }

  private letIn({ path }: Route): void {
    this.paths.add(withoutSlash(path))
  }

  private isLetIn({ path }: Route): boolean {
    return this.paths.has(withoutSlash(path))
  }
}

export function guardedPages(nuxtApp: NuxtApp): GuardedPages {
  const holder = nuxtApp as { [KEY]?: GuardedPages }
  return holder[KEY] ??= new GuardedPages(nuxtApp)
}

function warn(failure: unknown): void {
  console.warn('[nuxt-h3-session] The visitor of this page could not be checked.', failure instanceof Error ? failure.message : '')
}
