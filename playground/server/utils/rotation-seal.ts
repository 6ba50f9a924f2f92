import type { H3Event } from 'h3'

/** Which password the rotation cookie was sealed with. Only to show it: an app has no need to know. */
export async function sealedWith(event: H3Event): Promise<'old' | 'new' | 'none'> {
  const seal = getCookie(event, 'rotation')
  if (!seal) return 'none'
  const opens = (password: string) => unsealSession(event, { name: 'rotation', password }, seal).then(() => true, () => false)
  if (await opens(NEW_PASSWORD)) return 'new'
  return await opens(OLD_PASSWORD) ? 'old' : 'none'
}
