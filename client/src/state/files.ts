/** Saves a text as a file in the browser's downloads. */
export function saveFile(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  // The download has started with the click.
  URL.revokeObjectURL(link.href)
}
