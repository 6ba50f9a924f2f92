import { MAX_BODY_BYTES, tooLong } from '../../../src/devtools/body-limit'
import { notify } from './notices'

/** Refuses a pasted text that could not be sent: a field would need seconds to lay it out. `of`: as of a notice. */
export function refuseLongText(event: ClipboardEvent, of: string, isAllowed: (text: string) => boolean = () => false): void {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  if (text.length <= MAX_BODY_BYTES || isAllowed(text)) return
  event.preventDefault()
  notify(tooLong(new TextEncoder().encode(text).length), true, of)
}
