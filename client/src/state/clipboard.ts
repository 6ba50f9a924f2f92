import { notify } from './notices'

/** Copies a text and shows a notice. */
export async function copyText(text: string, done: string): Promise<void> {
  const isCopied = await writeText(text)
  notify(isCopied ? done : 'The browser did not allow copying. Select the text instead.', !isCopied)
}

async function writeText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  }
  catch {
    // The clipboard API is not allowed in this frame, or not over plain HTTP.
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'visually-hidden'
  document.body.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return isCopied
}
