import { accessibleFrames } from './frame'

/** Whether the panel can be seen: its page, and every frame around it. DevTools keeps hidden panels in the page. */
export function isShown(): boolean {
  return !document.hidden && accessibleFrames().every(frame => frame.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
}
