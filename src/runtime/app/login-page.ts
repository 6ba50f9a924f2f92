import type { NuxtApp } from 'nuxt/app'
import { unref } from 'vue'
import type { MaybeRef } from 'vue'
import type { RouteLocationNormalized as Route, RouteLocationRaw } from 'vue-router'
import { clientConfigOf } from '../shared/client-config'
import { isSamePath } from './address'

/** What @nuxtjs/i18n provides. */
interface Localization {
  $localePath?: (path: string, locale?: string) => string
  $i18n?: { localeCodes?: MaybeRef<readonly string[]> }
}

/** The address of the login page, in the locale of the page that requires the login. */
export function loginAddress(nuxtApp: NuxtApp, { path, fullPath }: Route): RouteLocationRaw {
  return { path: loginPath(nuxtApp, localeOf(nuxtApp, path)), query: { redirect: fullPath } }
}

/** Whether this is the login page, in any locale. */
export function isLoginPage(nuxtApp: NuxtApp, { path }: Route): boolean {
  return [undefined, ...localeCodes(nuxtApp)].some(locale => isSamePath(path, loginPath(nuxtApp, locale)))
}

/** Without `locale`, the login page of the current one. */
function loginPath(nuxtApp: NuxtApp, locale: string | undefined): string {
  const { loginPage } = clientConfigOf(nuxtApp.$config)!
  const { $localePath } = nuxtApp as Localization
  if (!$localePath || localeOf(nuxtApp, loginPage)) return loginPage
  // It is empty if the path cannot be resolved.
  return $localePath(loginPage, locale) || loginPage
}

/** The locale with which a path begins. */
function localeOf(nuxtApp: NuxtApp, path: string): string | undefined {
  return localeCodes(nuxtApp).find(code => code === path.split('/', 2)[1])
}

function localeCodes(nuxtApp: NuxtApp): readonly string[] {
  return unref((nuxtApp as Localization).$i18n?.localeCodes) ?? []
}
