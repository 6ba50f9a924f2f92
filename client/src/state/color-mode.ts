import { parentDocument } from './frame'

/**
 * Follows DevTools' color mode inside its frame, else the system's preference.
 * DevTools copies the panel's `dark` class, so inside the frame the panel must only repeat DevTools' own class.
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
