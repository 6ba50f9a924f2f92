import { parentDocument } from './frame'

/**
 * DevTools' color mode where the panel lies in its frame, else the system's preference.
 * DevTools watches our `dark` class and takes it over: within its frame we only ever repeat its own.
 */
export function followColorMode(): void {
  const outer = parentDocument()?.documentElement
  if (outer) {
    const copy = (): void => setDark(outer.classList.contains('dark'))
    new MutationObserver(copy).observe(outer, { attributes: true, attributeFilter: ['class'] })
    return copy()
  }
  const preference = matchMedia('(prefers-color-scheme: dark)')
  preference.addEventListener('change', () => setDark(preference.matches))
  setDark(preference.matches)
}

function setDark(isDark: boolean): void {
  const { classList } = document.documentElement
  if (classList.contains('dark') !== isDark) classList.toggle('dark', isDark)
}
