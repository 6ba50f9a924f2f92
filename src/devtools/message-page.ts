const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

/** Text that is safe in HTML and in its attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ESCAPES[character]!)
}

/** A page in place of the panel or the app, with a few sentences. The arguments are HTML. */
export function messagePage(heading: string, ...paragraphs: string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sessions</title>
<style>
  body { max-width: 32rem; margin: 0 auto; padding: 4rem 1.5rem; font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; text-align: center }
  h1 { font-size: 16px }
  a { color: light-dark(#047a4b, #00dc82) }
</style>
<h1>${heading}</h1>
${paragraphs.map(paragraph => `<p>${paragraph}</p>`).join('\n')}
</html>
`
}
