import type { H3Event } from 'h3'

/** Returns which password sealed the rotation cookie. Only for this page: an app does not need it. */
export async function sealedWith(event: H3Event): Promise<'old' | 'new' | 'none'> {
  const seal = getCookie(event, 'rotation')
  if (!seal) return 'none'
  const opens = (password: string) => unsealSession(event, { name: 'rotation', password }, seal).then(() => true, () => false)
  if (await opens(NEW_PASSWORD)) return 'new'
  return await opens(OLD_PASSWORD) ? 'old' : 'none'
}
