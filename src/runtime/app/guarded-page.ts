import { navigateTo } from 'nuxt/app'
import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationRaw } from 'vue-router'
import type { SessionRequirement } from '../shared/page-session'
import { injectSession } from './shared-session'

const KEY = '_nuxtH3SessionGuardedPage'

/** A page that is shown already, and that its visitor must leave who does not meet what it asks for. */
export class GuardedPage {
  constructor(
    private readonly nuxtApp: NuxtApp,
    private readonly path: string,
    private readonly requirement: SessionRequirement,
    private readonly login: RouteLocationRaw,
  ) {}

  checkAfterHydration(): void {
    this.nuxtApp.hooks.hookOnce('app:suspense:resolve', () => void this.check())
  }

  /** The back/forward cache brings the page as it was left, whoever is logged in by then. */
  checkWhenRestored(): void {
    const { nuxtApp } = this
    const isFirst = !nuxtApp[KEY]
    nuxtApp[KEY] = this
    if (isFirst) window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) void (nuxtApp[KEY] as GuardedPage).check()
    })
  }

  private async check(): Promise<void> {
    const { nuxtApp, requirement, login } = this
    try {
      if (!this.isShown() || await injectSession(nuxtApp).meets(requirement) !== false || !this.isShown()) return
      await nuxtApp.runWithContext(() => navigateTo(login))
    }
    catch (error) {
      console.warn('[nuxt-h3-session] The visitor of this page could not be checked.', error instanceof Error ? error.message : '')
    }
  }

  private isShown(): boolean {
    return this.nuxtApp.$router.currentRoute.value.path === this.path
  }
}
